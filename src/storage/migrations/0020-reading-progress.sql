-- How far a document's stage is, from 0 to 1, null where it cannot be said; and how many of its pages are read.
alter table documents
  add column stage_done real,
  add column pages_done integer;

-- Entries of the audit log go to the sink in the order in which they were sealed, from one server at a time.

-- Counted up with every batch that is sealed; within a batch, a tenant's positions are the order.
alter table audit_queue add column batch bigint;
update audit_queue set batch = 0 where position is not null;
create sequence audit_batches;
create index audit_queue_sealed on audit_queue (batch, tenant, position) where position is not null;
create index audit_queue_claimed on audit_queue (claimed_until) where claimed_until is not null;

-- That a key or an invitation has expired is noted once, and again if it was prolonged and has expired anew.
alter table api_keys add column expiry_noted_at timestamptz;
alter table invitations add column expiry_noted_at timestamptz;

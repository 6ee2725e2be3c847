-- Golden questions of a store: what two embedding models are compared by.

create table golden_questions (
  tenant_id text not null,
  id text not null,
  vector_store_id text not null,
  question text not null,
  -- In place of the question where it must be the only one: an index takes no text of its length.
  question_sha256 text not null,
  -- Where the answer is: [{"file", "quote"}], a file by its id or its name; a quote may be null.
  expected jsonb not null,
  created_at timestamptz not null,
  updated_at timestamptz not null,
  primary key (tenant_id, id),
  unique (tenant_id, vector_store_id, question_sha256),
  foreign key (tenant_id, vector_store_id) references vector_stores (tenant_id, id) on delete cascade
);
create index golden_questions_by_time on golden_questions (tenant_id, vector_store_id, created_at, id);
call protect_tenant_table('golden_questions');
create policy limited on golden_questions as restrictive to ragstone_app using (may_see_store(vector_store_id));

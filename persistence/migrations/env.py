"""Runs the steps on the connection that `persistence.migrate` has locked; there is no other way in."""

from __future__ import annotations

from alembic import context

from persistence.schema import metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    transactional_ddl=True,
    render_as_batch=True,
    compare_type=True,
)
with context.begin_transaction():
    context.run_migrations()

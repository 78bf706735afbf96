"""Alembic's entry: runs the migrations over the connection that `forgecast.store.migrate` hands in."""

from alembic import context

from forgecast.store.tables import metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata(),
    # SQLite cannot alter a column in place; Alembic then copies the table.
    render_as_batch=True,
    transactional_ddl=True,
)
context.run_migrations()

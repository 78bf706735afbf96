"""Alembic's entry for the server's own database: runs over the connection that `forgecast.store.migrate` hands in."""

from alembic import context

from forgecast.store.server.tables import SERVER

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=SERVER,
    # SQLite cannot alter a column in place; Alembic then copies the table.
    render_as_batch=True,
    transactional_ddl=True,
)
context.run_migrations()

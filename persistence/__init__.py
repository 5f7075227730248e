"""Everything that touches a database: schema, migrations, committers, the event log and what reads it."""

import sqlalchemy
from sqlalchemy import text


def test_each_test_gets_empty_tables_on_both_databases(database, database_url):
    dialect = database.engine.dialect.name
    assert dialect in database_url
    tables = sqlalchemy.inspect(database.engine).get_table_names()
    assert all(database.session.execute(text(f'SELECT count(*) FROM "{table}"')).scalar() == 0 for table in tables)


def test_the_queue_begins_empty(redis_server):
    assert redis_server.client.dbsize() == 0

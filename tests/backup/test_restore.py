"""A site that was saved comes back as it was, on whichever database; and nothing that is not whole is taken for one."""

import errno
import os
import tarfile
from pathlib import Path

import flask_migrate
import pytest
from sqlalchemy import func, insert, select

from app import audit, create_app
from app.backup import BackupFailed, check_finished
from app.backup.archive import Archive
from app.backup.restore import Restore
from app.extensions import db
from app.models import AuditEntry, Name, Study, User
from app.settings import WrongSetting, load
from app.trail import kept
from app.trail.verify import verdict
from app.transactions import changing, one_moment, writing
from tests import filled
from tests.disks import small_disk

FILES = {"quarantine/2026-01/a.dcm": b"refused", "exports/2026/01/15/ct.csv": b"x" * 3_000_000, "spool/b.dcm": b"new"}


@pytest.fixture
def site(tmp_path, redis_server):
    """Makes sites, each with its own folder, on the database of the address."""
    apps = []

    def make(name: str, url: str):
        folder = tmp_path / name
        app = create_app(load({"INSTANCE": str(folder), "REDIS_URL": redis_server.url, "DATABASE_URL": url}))
        apps.append(app)
        return app

    yield make
    for app in apps:
        with app.app_context():
            db.session.remove()
            db.engine.dispose()


@pytest.fixture
def other_url(tmp_path):
    """An empty SQLite database."""
    return f"sqlite:///{tmp_path / 'other.db'}"


def flask(app, *words):
    """Runs a command; gives its exit code and what it said."""
    result = app.test_cli_runner().invoke(args=list(map(str, words)))
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
    return result.exit_code, result.output


def fill(app):
    """Rows in every table, an audit of three acts, files of each kind."""
    with app.app_context():
        flask_migrate.upgrade()
        with changing(db.engine) as connection:
            filled.fill(connection, db.metadata)
        for number in range(3):
            with writing():
                audit.record(audit.EXPORT, f"act {number}")
    for name, content in FILES.items():
        path = app.config["SETTINGS"].media_root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)


def content(app):
    with app.app_context(), one_moment() as connection:
        return filled.content(connection, db.metadata)


def is_whole(app):
    with app.app_context(), one_moment() as connection:
        return verdict(connection, app.config["SETTINGS"]).words


def files(app):
    root = app.config["SETTINGS"].media_root
    return {str(path.relative_to(root)): path.read_bytes() for path in root.rglob("*") if path.is_file()}


def saved(app, path):
    assert flask(app, "backup", path)[0] == 0
    return path


@pytest.mark.parametrize("target", ["sqlite", "same"])
def test_everything_comes_back(database_url, other_url, site, tmp_path, target, request):
    old = site("old", database_url)
    fill(old)
    before, backup = content(old), saved(old, tmp_path / "backup.tar")
    assert backup.stat().st_mode & 0o777 == 0o600
    assert len(before["audit_entry"]) == 3

    if target == "same":
        with old.app_context():
            db.session.remove()
            db.drop_all()
            flask_migrate.stamp(revision="base")
    new = site("new", database_url if target == "same" else other_url)
    code, said = flask(new, "restore", backup)
    assert code == 0, said

    after = content(new)
    assert after.pop("audit_entry")[:3] == before.pop("audit_entry")
    assert (before.pop("audit_head"), after.pop("audit_head")) != (None, None)
    assert after == before
    assert files(new) == FILES
    new = site("new", str(new.config["SETTINGS"].database_url))
    for name in ("secret_key", "audit_secret"):
        assert getattr(new.config["SETTINGS"], name) == getattr(old.config["SETTINGS"], name)
    assert is_whole(new) == ["The chain is whole: 4 entries, none changed, taken away or added."]
    with new.app_context():
        entry = db.session.scalars(select(AuditEntry).order_by(AuditEntry.id.desc())).first()
        assert (entry.action, entry.details["entries"]) == (audit.RESTORE, 3)


def test_a_site_moves_from_sqlite_to_postgresql_and_back(postgres_url, other_url, site, tmp_path):
    from tests.servers import fresh_database

    old = site("old", other_url)
    fill(old)
    first, before = saved(old, tmp_path / "one.tar"), content(old)
    with fresh_database(postgres_url) as url:
        middle = site("middle", url)
        assert flask(middle, "restore", first)[0] == 0
        second = saved(middle, tmp_path / "two.tar")
        with middle.app_context():
            db.session.remove()
            db.engine.dispose()
    new = site("new", f"sqlite:///{tmp_path / 'new.db'}")
    assert flask(new, "restore", second)[0] == 0
    after = content(new)
    for name in set(before) - {"audit_entry", "audit_head"}:
        assert after[name] == before[name], name
    assert is_whole(new)[0].startswith("The chain is whole: 5 entries")  # with two restores


def test_numbers_of_rows_that_are_gone_are_not_given_again(database_url, site, tmp_path):
    old = site("old", database_url)
    fill(old)
    with old.app_context(), changing(db.engine) as connection:
        table = Name.__table__
        row = {"digest": "d", "text": "t", "folded": "t"}
        gone = connection.scalar(insert(table).returning(table.c.id), [row])
        connection.execute(table.delete().where(table.c.id == gone))
    backup = saved(old, tmp_path / "backup.tar")
    assert flask(old, "restore", "--replace", backup)[0] == 0
    with old.app_context(), changing(db.engine) as connection:
        assert connection.scalar(insert(table).returning(table.c.id), [row]) > gone
        assert connection.scalar(insert(User.__table__).returning(User.id), [{"username": "n", "roles": []}]) == 31


def test_a_site_that_is_not_empty_is_left_alone_unless_told(database_url, site, tmp_path):
    old = site("old", database_url)
    fill(old)
    backup, before = saved(old, tmp_path / "backup.tar"), content(old)
    code, said = flask(old, "restore", backup)
    assert code == 1 and "not empty" in said and "--replace" in said
    with old.app_context():
        with changing(db.engine) as connection:
            connection.execute(Study.__table__.update().values(modality="DX"))
        with writing():
            audit.record(audit.EXPORT, "after the backup")
    (old.config["SETTINGS"].media_root / "exports/later.csv").write_text("goes")
    (old.config["SETTINGS"].media_root / "spool/later.dcm").write_text("stays")
    code, said = flask(old, "restore", "--replace", backup)
    assert code == 0, said
    assert content(old)["study"] == before["study"]
    assert files(old) == FILES | {"spool/later.dcm": b"stays"}
    assert is_whole(old) == ["The chain is whole: 4 entries, none changed, taken away or added."]


def full(wanted):
    """Hears how far a restore is, on a disk that is full by then."""

    def told(what, done, total):
        if what == wanted:
            raise OSError(errno.ENOSPC, "No space left on device")

    return told


def failing(app, backup, told=lambda *_: None):
    """What a restore says that fails."""
    with app.app_context(), Archive(backup) as archive, pytest.raises(BackupFailed) as reason:
        Restore(app, archive, told).do()
    return str(reason.value)


@pytest.mark.parametrize("moment", ["unpacking", "rows"])
def test_a_restore_that_fails_before_the_end_leaves_the_site_as_it_was(database_url, site, tmp_path, moment):
    if not database_url.startswith(("sqlite", "postgresql")):
        pytest.skip("this database is empty by then")
    old = site("old", database_url)
    fill(old)
    backup, before = saved(old, tmp_path / "backup.tar"), content(old)
    (old.config["SETTINGS"].media_root / "exports/later.csv").write_text("stays")
    said = failing(old, backup, full(moment))
    assert "No space left on device. The site is as it was." in said
    assert content(old) == before
    assert files(old) == FILES | {"exports/later.csv": b"stays"}
    check_finished(old.config["SETTINGS"])


def test_a_restore_that_fails_at_the_end_says_that_it_has_to_be_run_again(database_url, site, tmp_path):
    old = site("old", database_url)
    fill(old)
    backup, settings = saved(old, tmp_path / "backup.tar"), old.config["SETTINGS"]
    in_the_way = settings.instance / "audit_secret"
    in_the_way.unlink()
    in_the_way.mkdir()
    for _ in range(2):
        assert "nothing starts" in failing(old, backup)
        with pytest.raises(WrongSetting, match="run flask restore again"):
            check_finished(settings)
    said = failing(old, backup, full("unpacking"))
    assert "nothing starts" in said, "also where the second one fails before it changes anything"
    in_the_way.rmdir()
    assert flask(old, "restore", backup)[0] == 0
    check_finished(settings)


def test_files_for_which_the_disk_is_too_small_are_taken_away_again(site, other_url, tmp_path):
    old = site("old", other_url)
    fill(old)
    backup = saved(old, tmp_path / "backup.tar")
    new = site("new", f"sqlite:///{tmp_path / 'new.db'}")
    with small_disk(new.config["SETTINGS"].media_root, "2m"):
        code, said = flask(new, "restore", backup)
        assert code == 1 and "No space left on device. The site is as it was." in said
        assert files(new) == {}
    check_finished(new.config["SETTINGS"])


def test_an_empty_site_is_one_with_tables(site, other_url, tmp_path):
    old = site("old", other_url)
    fill(old)
    backup = saved(old, tmp_path / "backup.tar")
    new = site("new", f"sqlite:///{tmp_path / 'new.db'}")
    with new.app_context():
        flask_migrate.upgrade()
    assert flask(new, "restore", backup)[0] == 0


@pytest.fixture
def backup(site, other_url, tmp_path):
    old = site("old", other_url)
    fill(old)
    return saved(old, tmp_path / "backup.tar")


def refused(site, tmp_path, backup, *options):
    """Why a new site does not take the backup; the site is as new afterwards."""
    new = site("new", f"sqlite:///{tmp_path / 'new.db'}")
    code, said = flask(new, "restore", *options, backup)
    assert code == 1
    with new.app_context(), one_moment() as connection:
        if db.inspect(connection).has_table("study"):
            assert connection.scalar(select(func.count(Study.id))) == 0
    root = new.config["SETTINGS"].media_root
    assert not [path for path in root.rglob("*") if path.is_file()]
    return said


def test_one_damaged_byte_is_found_before_anything_is_done(site, tmp_path, backup):
    whole = backup.read_bytes()
    for place in (whole.index(b"\x1f\x8b") + 20, whole.index(b"refused"), whole.index(b'"made_at"')):
        backup.write_bytes(whole[:place] + bytes([whole[place] ^ 1]) + whole[place + 1 :])
        assert "is not as it was written" in refused(site, tmp_path, backup)


@pytest.mark.parametrize("share", [0.1, 0.5, 0.9, 0.99])
def test_what_was_cut_off_is_no_backup(site, tmp_path, backup, share):
    os.truncate(backup, int(backup.stat().st_size * share))
    said = refused(site, tmp_path, backup)
    assert "no whole backup" in said or "can't be read" in said


def test_no_member_leaves_its_folder(site, tmp_path, backup):
    with tarfile.open(backup, "a:") as tar:
        info = tarfile.TarInfo("../outside")
        tar.addfile(info)
    assert "something was added" in refused(site, tmp_path, backup)


def test_other_files_are_no_backups(site, tmp_path):
    path = tmp_path / "file.tar"
    path.write_text("no tar")
    assert "can't be read as a backup" in refused(site, tmp_path, path)


def test_another_key_in_the_environment_is_told_of(tmp_path, redis_server, backup):
    url = f"sqlite:///{tmp_path / 'new.db'}"
    given = {"INSTANCE": str(tmp_path / "new"), "REDIS_URL": redis_server.url, "DATABASE_URL": url}
    new = create_app(load(given | {"AUDIT_SECRET": "another"}))
    code, said = flask(new, "restore", backup)
    assert code == 1 and "AUDIT_SECRET in the environment" in said


def test_a_folder_that_is_not_there_is_told_of_and_not_made_a_file(site, tmp_path):
    code, said = flask(site("old", f"sqlite:///{tmp_path / 'old.db'}"), "backup", tmp_path / "backups")
    assert code == 1 and "There is no folder" in said
    assert not (tmp_path / "backups").exists()


def test_a_folder_gets_files_named_by_the_time_and_keeps_so_many(site, other_url, tmp_path):
    old, folder = site("old", other_url), tmp_path / "backups"
    folder.mkdir()
    fill(old)
    for day in range(1, 5):
        (folder / f"openrem-2020010{day}-000000.tar").write_text("old")
    (folder / "openrem-20200109-000000.tar.part").write_text("what a killed one left")
    (folder / "notes.txt").write_text("mine")
    assert flask(old, "backup", folder, "--keep", "2")[0] == 0
    left = sorted(path.name for path in folder.iterdir())
    assert left[:2] == ["notes.txt", "openrem-20200104-000000.tar"] and len(left) == 3


def test_a_file_that_is_there_is_not_written_over(site, other_url, tmp_path, backup):
    before = backup.read_bytes()
    code, said = flask(site("old", other_url), "backup", backup)
    assert code == 1 and "is there already" in said and backup.read_bytes() == before


def test_the_end_that_this_machine_remembers_is_that_of_the_restored_record(site, tmp_path, backup):
    new = site("new", f"sqlite:///{tmp_path / 'new.db'}")
    kept.keep(new.config["SETTINGS"], 500, "f" * 64)
    assert flask(new, "restore", backup)[0] == 0
    assert kept.known(new.config["SETTINGS"])[0] == 4
    assert Path(tmp_path / "new" / "restoring.json").exists() is False

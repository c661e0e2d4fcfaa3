"""A backup has the files wherever they are, and moves a site from its own folder to where machines share them."""

import flask_migrate

from app import create_app, storage
from app.extensions import db
from tests.backup.test_restore import flask

FILES = {"dicom_refused/2026/01/a.dcm": b"refused", "exports/2026/01/15/ct.csv": b"dose", "sizes/one/log.txt": b"log"}


def files(settings):
    """All of the site, but what waits to be read."""
    store, told = storage.of(settings), {}
    for one in store.below(""):
        with store.open(one.key) as file:
            told[one.key] = file.read()
    return {key: content for key, content in told.items() if not key.startswith(("spool/", "incoming/"))}


def test_a_site_moves_to_where_machines_share_their_files_and_back(machine, elsewhere, tmp_path):
    def one(name, environment):
        app = create_app(machine(name, environment | {"DATABASE_URL": f"sqlite:///{tmp_path / name}.db"}))
        with app.app_context():
            flask_migrate.upgrade()
        return app, app.config["SETTINGS"]

    (near, at), (far, there), (back, again) = one("near", {}), one("far", elsewhere), one("back", {})
    for name, content in (FILES | {"spool/b.dcm": b"new"}).items():
        path = at.media_root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    assert flask(near, "backup", tmp_path / "one.tar")[0] == 0

    assert flask(far, "restore", tmp_path / "one.tar")[0] == 0
    assert files(there) == FILES
    assert [one.key for one in storage.of(there).below("incoming")] == ["incoming/b.dcm"]
    assert [path for path in there.media_root.rglob("*") if path.is_file()] == []
    there.spool.mkdir(parents=True)
    (there.spool / "c.dcm").write_bytes(b"newer")
    assert flask(far, "backup", tmp_path / "two.tar")[0] == 0

    probe = there.media_root / "probe"
    probe.write_bytes(b"later")
    storage.of(there).take(probe, "exports/2026/01/16/later.csv")
    assert flask(far, "restore", "--replace", tmp_path / "two.tar")[0] == 0
    assert files(there) == FILES

    assert flask(back, "restore", tmp_path / "two.tar")[0] == 0
    assert files(again) == FILES
    assert sorted(path.name for path in again.spool.iterdir()) == ["b.dcm", "c.dcm"]
    for app in (near, far, back):
        with app.app_context():
            db.engine.dispose()

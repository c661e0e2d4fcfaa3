import os
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from app.settings import Settings, WrongSetting, load


@pytest.fixture
def instance(tmp_path):
    return tmp_path / "instance"


def test_everything_lies_in_the_instance_unless_set_apart(instance):
    settings = load({"INSTANCE": str(instance)})
    assert settings.database_url == f"sqlite:///{instance}/openrem.db"
    assert settings.spool == instance / "media" / "spool"
    assert settings.embedded_redis


def test_a_queue_of_the_sites_own_is_not_ours_to_start(instance):
    assert not load({"INSTANCE": str(instance), "REDIS_URL": "redis://queue.example/0"}).embedded_redis


def test_processes_that_start_together_get_one_secret_that_only_we_can_read(instance):
    with ThreadPoolExecutor(16) as pool:
        secrets = set(pool.map(lambda _: load({"INSTANCE": str(instance)}).secret_key, range(64)))
    assert len(secrets) == 1 and len(secrets.pop()) == 64
    assert sorted(path.name for path in instance.iterdir()) == ["audit_secret", "secret_key"]
    assert all(path.stat().st_mode & 0o077 == 0 for path in instance.iterdir())


def test_the_socket_moves_where_its_path_would_be_too_long_for_the_system(tmp_path):
    near, far = Settings(instance=Path("/srv/openrem")), load({"INSTANCE": str(tmp_path / ("deep" * 30))})
    assert near.redis_socket == Path("/srv/openrem/redis.sock")
    assert len(os.fsencode(far.redis_socket)) <= 100
    assert far.redis_socket == load({"INSTANCE": str(far.instance)}).redis_socket
    assert far.embedded_redis


def test_the_secret_behind_patients_is_made_once_where_the_site_keeps_what_tells_them_apart(instance):
    assert load({"INSTANCE": str(instance)}).patient_id_secret == ""
    kept = load({"INSTANCE": str(instance), "PATIENT_ID": "Hashed"})
    assert kept.identity.keeps == "hashed" and len(kept.patient_id_secret) == 64
    assert load({"INSTANCE": str(instance), "PATIENT_ID": "stored"}).patient_id_secret == kept.patient_id_secret
    assert (instance / "patient_id_secret").stat().st_mode & 0o077 == 0


@pytest.mark.parametrize(
    ("name", "text", "sentence"),
    [
        ("WEB_PORT", "eighty", "takes a whole number"),
        ("WEB_PORT", "80000", "takes a number from 0 to 65535"),
        ("PROXIES", "-1", "takes at least 0"),
        ("SESSION_HOURS", "0", "takes a number from 1 to 168"),
        ("KEEP_EXPORTS_DAYS", "999999", "takes a number from 0 to 36500"),
        ("RM_DCM_RDSR", "perhaps", "takes yes or no"),
        ("PATIENT_ID", "some", "takes one of none, hashed, stored"),
    ],
)
def test_a_setting_of_the_wrong_kind_is_named(instance, name, text, sentence):
    with pytest.raises(ValueError, match=f"{name} is “{text}”; it {sentence}"):
        load({"INSTANCE": str(instance), name: text})


def test_nothing_secret_has_a_default_and_each_site_makes_its_own(tmp_path):
    secret = {name for name in Settings.__dataclass_fields__ if name.endswith(("secret", "secret_key", "password"))}
    assert {"secret_key", "audit_secret", "patient_id_secret"} <= secret
    assert all(Settings.__dataclass_fields__[name].default == "" for name in secret)
    one, other = (load({"INSTANCE": str(tmp_path / name), "PATIENT_ID": "hashed"}) for name in ("one", "other"))
    made = [name for name in secret if getattr(one, name)]
    assert {"secret_key", "audit_secret", "patient_id_secret"} <= set(made)
    assert all(getattr(one, name) != getattr(other, name) for name in made)


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        ({"STORAGE_URL": "ftp://host/x"}, "it takes file:///a/folder, which all machines share, or s3://bucket/prefix"),
        ({"STORAGE_URL": "/mnt/openrem"}, "it takes file:///a/folder"),
        ({"STORAGE_URL": "file://mnt/openrem"}, "it takes file:///a/folder"),
        ({"STORAGE_URL": "s3:///prefix"}, "or s3://bucket/prefix"),
        ({"STORAGE_URL": "s3://me:hidden@bucket"}, "STORAGE_KEY and STORAGE_SECRET take it"),
        ({"STORAGE_URL": "s3://bucket", "STORAGE_KEY": "me"}, "need each other"),
        ({"STORAGE_URL": "s3://bucket", "STORAGE_ENDPOINT": "store:9000"}, "it takes https://host:port"),
    ],
)
def test_a_wrong_place_for_files_is_told_in_a_sentence_without_its_secret(tmp_path, given, sentence):
    with pytest.raises(WrongSetting) as told:
        load(given | {"INSTANCE": str(tmp_path)})
    assert sentence in str(told.value) and "hidden" not in str(told.value)


def test_the_secret_of_the_store_may_be_in_a_file_and_is_not_shown(tmp_path):
    (tmp_path / "secret").write_text("hidden\n")
    given = {"STORAGE_URL": "s3://bucket/site", "STORAGE_KEY": "me", "STORAGE_SECRET_FILE": str(tmp_path / "secret")}
    settings = load(given | {"INSTANCE": str(tmp_path)})
    assert settings.storage_secret == "hidden" and "hidden" not in repr(settings)


def test_s3_without_its_library_is_told_in_a_sentence(tmp_path, monkeypatch):
    monkeypatch.setattr("app.settings.find_spec", lambda name: None)
    with pytest.raises(WrongSetting, match="needs s3fs: install requirements-s3"):
        load({"INSTANCE": str(tmp_path), "STORAGE_URL": "s3://bucket"})

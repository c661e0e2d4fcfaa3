"""The image has what it needs and no more; the compose file is right; health checks tell health from illness."""

import json
import os
import re
import shutil
import subprocess
import sys
from contextlib import ExitStack
from pathlib import Path

import pytest

from app.settings import ROOT
from tests.processes import environment
from tests.servers import wait_until

DOCKER = ROOT / "deploy" / "docker"
ENVIRONMENT = DOCKER / "env.example"
DOCKERFILE = (DOCKER / "Dockerfile").read_text()
FILLED_IN = {"POSTGRES_PASSWORD": "a-secret", "REDIS_PASSWORD": "another-secret", "SITE_NAME": "doseserver"}
OURS = {"migrate", "web", "ingest", "export", "scp", "syslog"}


def require(*programs: str):
    """Skip where one of them is missing; the machine that must run everything fails instead."""
    places = f"{Path(sys.executable).parent}:{os.environ['PATH']}"
    if missing := [name for name in programs if shutil.which(name, path=places) is None]:
        (pytest.fail if os.environ.get("CI") else pytest.skip)(f"not installed: {', '.join(missing)}")


def compose(**variables: str) -> subprocess.CompletedProcess:
    """What docker-compose makes of the file."""
    require("docker-compose")
    command = [
        "docker-compose",
        "--env-file",
        str(ENVIRONMENT),
        "--file",
        str(DOCKER / "compose.yaml"),
        "config",
    ]
    clean = {name: value for name, value in os.environ.items() if name not in FILLED_IN}
    return subprocess.run(command, env=clean | variables, capture_output=True, text=True)


@pytest.fixture(scope="module")
def services() -> dict:
    """The services of the compose file, with everything filled in."""
    answer = compose(**FILLED_IN)
    assert answer.returncode == 0, answer.stderr
    yaml = pytest.importorskip("yaml")
    return yaml.safe_load(answer.stdout)["services"]


def test_hadolint_finds_nothing_in_the_dockerfile():
    require("hadolint")
    hadolint = Path(sys.executable).with_name("hadolint")
    answer = subprocess.run([hadolint, "--format=json", DOCKER / "Dockerfile"], capture_output=True, text=True)
    assert (json.loads(answer.stdout), answer.returncode) == ([], 0)


@pytest.mark.parametrize("name", FILLED_IN)
def test_nothing_secret_has_a_default(name):
    answer = compose(**{other: value for other, value in FILLED_IN.items() if other != name})
    assert answer.returncode != 0 and "Missing mandatory value" in answer.stderr and f"${{{name}:?" in answer.stderr


def test_every_container_is_shut_in_and_watched(services):
    for name, service in services.items():
        assert service["user"] not in ("", "root", "0"), name
        assert service["read_only"] and service["cap_drop"] == ["ALL"], name
        assert service["security_opt"] == ["no-new-privileges:true"], name
        assert service["logging"]["options"]["max-size"], name
        checked = "test" in service.get("healthcheck", {}) or name == "web"  # which has the image's
        assert checked or service["healthcheck"]["disable"], name


def test_database_and_queue_are_reached_from_inside_only_and_keep_what_they_have(services):
    for name in ("postgres", "redis"):
        assert list(services[name]["networks"]) == ["inside"] and "ports" not in services[name]
        assert any(volume.startswith(f"{name}:") for volume in services[name]["volumes"])
    assert "yes" in services["redis"]["command"] and "noeviction" in services["redis"]["command"]


def test_everything_of_ours_runs_there_and_shares_its_folder(services):
    assert services.keys() == OURS | {"nginx", "postgres", "redis"}
    for name in OURS:
        assert services[name]["volumes"] == ["instance:/var/lib/openrem:rw"]
    assert "postgres" not in services["scp"].get("depends_on", {})


def test_a_syslog_server_hears_of_the_audit_where_somebody_asks_for_it(services):
    unit = (ROOT / "deploy" / "systemd" / "openrem-syslog.service").read_text()
    assert " ".join(services["syslog"]["command"][1:]) in unit
    assert services["syslog"]["profiles"] == ["syslog"] and "COMPOSE_PROFILES=syslog" in ENVIRONMENT.read_text()
    assert [name for name, service in services.items() if "profiles" in service] == ["syslog"]


def test_the_image_is_of_nobody_and_has_no_tools_to_build():
    last = DOCKERFILE.rpartition("\nFROM ")[2]
    assert re.search(r"^FROM python:3\.\d+-slim-bookworm", DOCKERFILE, re.M)
    assert re.search(r"^USER 10001:10001$", last, re.M) and "HEALTHCHECK" in last
    assert "apt-get" not in DOCKERFILE and "pip install" not in last and "uninstall" in last


@pytest.fixture(scope="module")
def image(tmp_path_factory) -> Path:
    """A folder with what the Dockerfile copies, as far as .dockerignore lets it."""
    folder = tmp_path_factory.mktemp("image")
    allowed = [line[1:] for line in (ROOT / ".dockerignore").read_text().splitlines() if line.startswith("!")]
    last = DOCKERFILE.rpartition("\nFROM ")[2]
    for words in re.findall(r"^COPY (?!--from)(.+)$", last, re.M):
        *sources, target = words.split()
        for source in sources:
            assert source in allowed, f"{source} is left out by .dockerignore"
            if (ROOT / source).is_dir():
                shutil.copytree(ROOT / source, folder / target, ignore=shutil.ignore_patterns("__pycache__"))
            else:
                (folder / target).mkdir(parents=True, exist_ok=True)
                shutil.copy(ROOT / source, folder / target)
    return folder


@pytest.fixture
def container(image, settings, tmp_path):
    """Runs commands as a container would, with what it has and nothing else of ours."""
    variables = environment(settings) | {"FLASK_APP": "wsgi"}
    variables.pop("PYTHONPATH", None)

    def popen(*words, **more):
        command = [sys.executable, *words] if words[0] != "flask" else [sys.executable, "-m", *words]
        return subprocess.Popen(command, cwd=image, env=variables, **more)

    return popen


def words_of(services: dict, name: str) -> list[str]:
    """The command of a container, without the program python."""
    given = services[name].get("command") or json.loads(re.search(r"^CMD (\[.+\])$", DOCKERFILE, re.M)[1])
    return given[1:] if given[0] == "python" else given


@pytest.mark.parametrize("name, part", [("web", "web"), ("scp", "listener"), ("ingest", "worker")])
def test_a_part_runs_from_the_image_and_its_health_check_knows(container, services, name, part):
    assert container(*words_of(services, "migrate")).wait(60) == 0
    check = ["deploy/docker/healthy.py", part]
    assert container(*check, stderr=subprocess.DEVNULL).wait(20) == 1
    with ExitStack() as ending:
        process = ending.enter_context(container(*words_of(services, name)))
        ending.callback(process.terminate)
        wait_until(lambda: container(*check, stderr=subprocess.DEVNULL).wait(20) == 0, "it is healthy", 60)
        assert process.poll() is None

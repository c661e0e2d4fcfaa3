"""What `make wheelhouse` collects is all that a machine without the internet needs."""

import os
import subprocess
import sys

import pytest

from app.settings import ROOT


@pytest.mark.skipif(not os.environ.get("CI"), reason="CI is not set: it asks the package index, for a minute")
def test_a_machine_without_internet_runs_from_the_wheelhouse(tmp_path):
    environment, wheels = tmp_path / "venv", tmp_path / "wheels"
    make = ["make", "--silent", "wheelhouse", f"WHEELHOUSE={wheels}"]
    subprocess.run(make, cwd=ROOT, check=True)
    subprocess.run([sys.executable, "-m", "venv", environment], check=True)
    python = environment / "bin" / "python"
    nowhere = {"PIP_CONFIG_FILE": os.devnull, "PATH": os.defpath, "HOME": str(tmp_path)}
    install = ["-m", "pip", "install", "--quiet", "--no-index", f"--find-links={wheels}", "--requirement"]
    subprocess.run([python, *install, ROOT / "requirements.txt"], env=nowhere, check=True)
    variables = nowhere | {"INSTANCE": str(tmp_path / "instance")}
    answer = subprocess.run(
        [python, "-m", "flask", "--app", ROOT / "wsgi.py", "--version"], env=variables, capture_output=True, text=True
    )
    assert answer.returncode == 0 and "Flask 3" in answer.stdout
    upgraded = subprocess.run([python, "-m", "flask", "--app", ROOT / "wsgi.py", "db", "upgrade"], env=variables)
    assert upgraded.returncode == 0

"""Whatever a path means, each file of it is imported once, and none is changed."""

import os
import zipfile

import pytest

from app.ingest.sources import MOST_TIMES, SUSPICIOUS, Unopened, sources


@pytest.fixture
def folder(tmp_path):
    """A folder with a file, a folder below it, and an archive."""
    (tmp_path / "ward" / "old").mkdir(parents=True)
    (tmp_path / "ward" / "a.dcm").write_bytes(b"first")
    (tmp_path / "ward" / "old" / "b.dcm").write_bytes(b"second")
    with zipfile.ZipFile(tmp_path / "ward" / "c.zip", "w") as archive:
        archive.writestr("deep/d.dcm", b"third")
    return tmp_path / "ward"


def contents(*paths) -> list[bytes]:
    """The bytes of every file that the paths mean."""
    found = []
    for source in sources(tuple(map(str, paths))):
        with source.open() as file:
            found.append(file.read())
    return found


def test_a_folder_means_every_file_below_it_and_in_its_archives(folder):
    assert contents(folder) == [b"first", b"third", b"second"]


def test_a_wildcard_that_no_shell_expanded_is_expanded(folder):
    assert contents(folder / "*.dcm") == [b"first"]
    assert contents(folder / "**" / "*.dcm") == [b"first", b"second"]


def test_a_file_whose_name_looks_like_a_wildcard_is_that_file(folder):
    (folder / "dose[1].dcm").write_bytes(b"brackets")
    assert contents(folder / "dose[1].dcm") == [b"brackets"]


def test_a_path_that_leads_nowhere_says_so(folder):
    (missing,) = sources((str(folder / "nothing.dcm"),))
    with pytest.raises(Unopened, match="No such file"):
        missing.open()


def test_a_damaged_archive_costs_its_own_files_only(folder):
    archive = folder / "c.zip"
    content = archive.read_bytes()
    archive.write_bytes(content.replace(b"third", b"THIRD"))
    with pytest.raises(Unopened, match="CRC"):
        contents(archive)


def test_an_encrypted_or_oversized_member_is_refused_in_words(folder, monkeypatch):
    monkeypatch.setattr("app.ingest.sources.LARGEST_MEMBER", 3)
    with pytest.raises(Unopened, match="unpacks to more than"):
        contents(folder / "c.zip")


def test_a_pipe_is_refused_and_not_waited_for(folder):
    os.mkfifo(folder / "pipe")
    (source,) = sources((str(folder / "pipe"),))
    with pytest.raises(Unopened, match="neither a file nor a folder"):
        source.open()


def test_a_link_back_to_its_own_folder_leads_nowhere_new(folder):
    (folder / "loop").symlink_to(folder)
    assert contents(folder) == [b"first", b"third", b"second"]


def test_an_archive_with_a_damaged_directory_is_one_bad_file_among_the_others(folder):
    archive = folder / "c.zip"
    content = bytearray(archive.read_bytes())
    content[content.index(b"PK\x01\x02")] = 0
    archive.write_bytes(content)
    assert [source.label for source in sources((str(folder),))][1] == str(archive)


def test_an_archive_is_opened_once_for_all_of_its_members(folder, monkeypatch):
    # Reading the directory of an archive for each of its ten thousand members takes hours.
    with zipfile.ZipFile(folder / "c.zip", "a") as archive:
        for number in range(50):
            archive.writestr(f"{number}.dcm", b"more")
    opened = []
    read_directory = zipfile.ZipFile._RealGetContents

    def counting(archive):
        opened.append(archive)
        read_directory(archive)

    monkeypatch.setattr(zipfile.ZipFile, "_RealGetContents", counting)
    assert len(contents(folder / "c.zip")) == 51
    assert len(opened) == 1


def test_what_a_packer_adds_of_its_own_accord_is_no_file_of_the_archive(folder):
    with zipfile.ZipFile(folder / "c.zip", "a") as archive:
        archive.writestr("__MACOSX/._third.dcm", b"not ours")
    assert b"not ours" not in contents(folder / "c.zip")


def test_a_bomb_is_not_unpacked(folder):
    with (
        zipfile.ZipFile(folder / "bomb.zip", "w", zipfile.ZIP_DEFLATED) as archive,
        archive.open("bomb", "w") as member,
    ):
        for _ in range(4 + (SUSPICIOUS >> 20)):
            member.write(bytes(1 << 20))
    with pytest.raises(Unopened, match=f"more than {MOST_TIMES} times its size"):
        contents(folder / "bomb.zip")


def test_a_member_that_holds_more_than_it_promises_is_refused(folder):
    path = folder / "liar.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("liar", bytes(1 << 20))
    content = path.read_bytes().replace((1 << 20).to_bytes(4, "little"), (1000).to_bytes(4, "little"))
    path.write_bytes(content)
    with pytest.raises(Unopened):
        contents(path)


def test_an_archive_in_an_archive_is_refused_in_words(folder):
    with zipfile.ZipFile(folder / "outer.zip", "w") as outer:
        outer.write(folder / "c.zip", "c.zip")
    with pytest.raises(Unopened, match="an archive in an archive"):
        contents(folder / "outer.zip")


def test_an_archive_of_more_files_than_anybody_has_is_one_file(folder, monkeypatch):
    monkeypatch.setattr("app.ingest.sources.MOST_MEMBERS", 0)
    (source,) = sources((str(folder / "c.zip"),))
    assert "unpack it" in source.label

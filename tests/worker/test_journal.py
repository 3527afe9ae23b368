"""What an attempt saved that died is removed before the next one, and nothing else ever is."""

from pathlib import Path
from unittest.mock import patch

from darkroom.files.folders import Folders
from darkroom.files.write import write_new
from darkroom.frames.messages import Ready, RunJob, Stop
from darkroom.worker.journal import Journal
from tests.worker import entries
from tests.worker.talking import api, process, worker


def saved(journal: Journal, path: Path, job: str = "a") -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    with journal.noting(job, 1):
        assert write_new(path, b"picture")
    return path


def test_files_of_a_dead_attempt_are_removed_in_output_and_temp(tmp_path: Path) -> None:
    ours = [saved(Journal(Folders(tmp_path)), tmp_path / kind / "day" / "a_00001_.png") for kind in ("output", "temp")]
    other = tmp_path / "output" / "other.png"
    other.write_bytes(b"x")
    journal = Journal(Folders(tmp_path))
    assert journal.begin("a", 2) == 2
    assert not any(path.exists() for path in ours) and other.exists()
    assert not journal.path("a").exists()


def test_the_journal_names_a_file_before_it_appears(tmp_path: Path) -> None:
    journal, path = Journal(Folders(tmp_path)), tmp_path / "output" / "a.png"
    seen = []

    def take_name(part: Path, place: Path) -> bool:
        seen.append(str(path) in journal.path("a").read_text() and not path.exists())
        return False

    with patch("darkroom.files.write.take_name", take_name):
        path.parent.mkdir()
        with journal.noting("a", 1):
            assert not write_new(path, b"picture")
    assert seen == [True]


def test_a_first_attempt_removes_no_files(tmp_path: Path) -> None:
    path = saved(Journal(Folders(tmp_path)), tmp_path / "output" / "a.png")
    assert Journal(Folders(tmp_path)).begin("a", 1) == 0
    assert path.exists()


def test_the_journal_stays_until_the_next_job_begins(tmp_path: Path) -> None:
    journal = Journal(Folders(tmp_path))
    journal.begin("a", 1)
    saved(journal, tmp_path / "output" / "a.png")
    assert journal.path("a").exists()
    journal.begin("b", 1)
    assert not journal.path("a").exists()


def test_a_name_that_someone_else_took_and_a_file_that_was_changed_stay(tmp_path: Path) -> None:
    output = tmp_path / "output"
    journal = Journal(Folders(tmp_path))
    changed = saved(journal, output / "changed.png")
    changed.write_bytes(b"edited by hand")
    taken = saved(journal, output / "taken.png")
    taken.unlink()
    (output / "new").write_bytes(b"of another")
    (output / "new").rename(taken)
    assert Journal(Folders(tmp_path)).begin("a", 2) == 0
    assert changed.exists() and taken.exists()


def test_files_outside_output_and_temp_are_neither_noted_nor_removed(tmp_path: Path) -> None:
    journal = Journal(Folders(tmp_path))
    outside = saved(journal, tmp_path / "elsewhere" / "a.png")
    assert not journal.path("a").exists()
    (tmp_path / "temp" / ".jobs").mkdir(parents=True)
    inside = saved(journal, tmp_path / "output" / "b.png")
    journal.path("a").write_text(journal.path("a").read_text().replace(str(inside), str(outside)))
    assert Journal(Folders(tmp_path)).begin("a", 2) == 0
    assert outside.exists()


def test_half_a_line_at_which_the_process_died_is_skipped(tmp_path: Path) -> None:
    journal = Journal(Folders(tmp_path))
    path = saved(journal, tmp_path / "output" / "a.png")
    with journal.path("a").open("ab") as file:
        file.write(b'["/half/of')
    assert Journal(Folders(tmp_path)).begin("a", 2) == 1
    assert not path.exists()


def test_another_attempt_in_the_same_process_saves_anew_what_it_removed(tmp_path: Path) -> None:
    prompt = api(_1=("Save", {"text": "pic"}))
    with worker(tmp_path, *entries.SPECS) as talk:
        talk.run(prompt, "1", "a")
        assert not talk.run(prompt, "1", "b").ran
        talk.run(api(_1=("Save", {"text": "more"})), "1", "c")
        assert list(talk.run(api(_1=("Save", {"text": "more"})), "1", "c", attempt=2).ran) == ["1"]
    assert sorted(each.name for each in (tmp_path / "output").iterdir()) == ["more_00001_.txt", "pic_00001_.txt"]


def test_a_job_whose_worker_was_killed_has_its_picture_once(tmp_path: Path) -> None:
    with process(entries.toys, tmp_path) as (talk, worker):
        talk.send(RunJob("a", 1, api(_1=("Save", {"text": "pic", "die": True})), ["1"]))
        worker.join(20)
        assert worker.exitcode == -9
    assert len(list((tmp_path / "output").glob("pic*"))) == 1
    with process(entries.toys, tmp_path) as (talk, worker):
        talk.until(lambda message: isinstance(message, Ready))
        talk.send(RunJob("a", 2, api(_1=("Save", {"text": "pic"})), ["1"], attempt=2))
        assert talk.done().outcome == "done"
        talk.send(Stop())
        worker.join(20)
        assert worker.exitcode == 0
    assert [each.name for each in (tmp_path / "output").glob("pic*")] == ["pic_00001_.txt"]

"""The cache: its budget, what it evicts, shared parts, statistics; and the size of values."""

from __future__ import annotations

import threading
from collections.abc import Hashable, Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np

from darkroom.engine.running.cache import Cache, Stored
from darkroom.engine.running.size import in_words, size_of

KB = 1000


def stored(size: int, seconds: float = 1.0) -> Stored:
    return Stored(([bytes(size)],), seconds=seconds)


def key(number: int) -> bytes:
    return b"%016d" % number


@dataclass(frozen=True)
class Model:
    """Weights, of which several values may hold the same."""

    weights: str
    size: int

    def shared_parts(self) -> Iterable[tuple[Hashable, int]]:
        return [(("weights", self.weights), self.size)]


def model(name: str, size: int = 600 * KB, seconds: float = 1.0) -> Stored:
    return Stored(([Model(name, size)],), seconds=seconds)


def test_a_result_is_found_until_it_is_dropped() -> None:
    cache = Cache(1000 * KB)
    result = stored(10)
    assert cache.get(key(1)) is None
    assert cache.put(key(1), result)
    assert cache.get(key(1)) is result
    assert cache.peek([key(1), key(2)]) == {key(1): result}
    cache.drop(key(1))
    assert cache.get(key(1)) is None
    assert cache.why_not(key(1)) == "was dropped on request"
    assert cache.why_not(key(2)) is None


def test_results_are_dropped_by_what_they_hold() -> None:
    cache = Cache(10 * KB)
    cache.put(key(1), stored(100))
    cache.put(key(2), stored(200))
    cache.drop_where(lambda each: len(each.outputs[0][0]) > 150)
    assert cache.holds(key(1)) and not cache.holds(key(2))
    assert "dropped" in (cache.why_not(key(2)) or "")


def test_the_budget_is_kept() -> None:
    cache = Cache(1000 * KB)
    for number in range(200):
        cache.put(key(number), stored((number * 37) % 300 * KB))
        assert cache.statistics().bytes <= 1000 * KB
    cache.resize(100 * KB)
    assert cache.statistics().bytes <= 100 * KB
    cache.clear()
    assert (cache.statistics().bytes, cache.statistics().entries) == (0, 0)


def test_what_is_cheap_for_its_size_goes_first() -> None:
    cache = Cache(1000 * KB)
    cache.put(key(1), stored(400 * KB, seconds=20.0))
    cache.put(key(2), stored(400 * KB, seconds=0.1))
    cache.put(key(3), stored(400 * KB, seconds=5.0))
    assert [cache.holds(key(number)) for number in (1, 2, 3)] == [True, False, True]
    assert "was evicted to free 20" in (cache.why_not(key(2)) or "")


def test_what_is_used_often_stays() -> None:
    cache = Cache(1000 * KB)
    cache.put(key(1), stored(400 * KB))
    cache.put(key(2), stored(400 * KB))
    for _ in range(3):
        cache.get(key(1))
    cache.put(key(3), stored(400 * KB, seconds=2.0))
    assert [cache.holds(key(number)) for number in (1, 2, 3)] == [True, False, True]


def test_what_was_dear_once_but_is_no_longer_used_goes_in_time() -> None:
    cache = Cache(1000 * KB)
    cache.put(key(0), stored(400 * KB, seconds=10.0))
    for number in range(1, 40):
        cache.put(key(number), stored(400 * KB, seconds=1.0))
    assert not cache.holds(key(0))


def test_a_result_larger_than_the_budget_is_refused_with_its_reason() -> None:
    cache = Cache(100 * KB)
    assert not cache.put(key(1), stored(200 * KB))
    assert cache.why_not(key(1)) == "could not be kept: it needs 200 KB, more than the cache's 100 KB"
    assert cache.statistics().refused == 1


def test_weights_held_by_several_results_count_once_and_go_with_the_last() -> None:
    cache = Cache(1000 * KB)
    for number in range(5):
        assert cache.put(key(number), model("sd1"))
    assert 600 * KB <= cache.statistics().bytes < 610 * KB
    for number in range(4):
        cache.drop(key(number))
    assert cache.statistics().bytes >= 600 * KB
    cache.drop(key(4))
    assert cache.statistics().bytes == 0


def test_evicting_goes_on_until_room_is_really_made() -> None:
    cache = Cache(1000 * KB)
    cache.put(key(1), model("a", seconds=0.1))
    cache.put(key(2), model("a", seconds=0.2))
    cache.put(key(3), model("b", seconds=9.0))
    assert [cache.holds(key(number)) for number in (1, 2, 3)] == [False, False, True]
    assert cache.statistics().bytes <= 1000 * KB


def test_statistics_count_hits_misses_and_time_saved() -> None:
    cache = Cache(1000 * KB)
    cache.put(key(1), stored(10, seconds=2.5))
    for number in (1, 1, 2):
        cache.get(key(number))
    told = cache.statistics()
    assert (told.hits, told.misses, told.evictions, told.seconds_saved, told.entries) == (2, 1, 0, 5.0, 1)


def test_many_threads_may_use_one_cache() -> None:
    cache = Cache(200 * KB)

    def work(start: int) -> None:
        for number in range(start, start + 300):
            cache.put(key(number % 50), stored((number * 13) % 20 * KB))
            cache.get(key((number * 7) % 50))

    threads = [threading.Thread(target=work, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert 0 < cache.statistics().bytes <= 200 * KB
    cache.clear()
    assert cache.statistics().bytes == 0


def test_sizes_add_up_and_nothing_is_counted_twice() -> None:
    array = np.zeros((100, 100), np.float32)
    assert 40_000 <= size_of(array).total < 41_000
    assert size_of([array, array, array[10:], {"again": array}]).total < 42_000
    assert size_of("x" * 5000).total > 5000
    assert size_of({"a": [1, 2.0, None, True], "b": (b"123",)}).total < 1000


def test_objects_are_measured_by_what_they_hold() -> None:
    @dataclass(slots=True)
    class Inner:
        data: Any

    class Outer:
        def __init__(self) -> None:
            self.inner = Inner(bytes(7000))
            self.itself = self

    assert 7000 <= size_of(Outer()).total < 8000
    assert size_of(len).total < 100


def test_a_deep_value_is_measured_without_recursion() -> None:
    deep: list[Any] = []
    for _ in range(100_000):
        deep = [deep]
    assert size_of(deep).total > 100_000


def test_bytes_are_written_as_people_do() -> None:
    assert [in_words(count) for count in (512, 3400, 12_345_678, 2.1e9)] == ["512 B", "3.4 KB", "12.3 MB", "2.1 GB"]

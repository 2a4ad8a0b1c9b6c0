"""Programs over lists of whole numbers."""
# ruff: noqa: B905, D103, PERF401, RUF007, SIM110 - each function is a program
# whose whole text the players see, in the plain style of everyday code.


def running_totals(numbers: list[int]) -> list[int]:
    totals = []
    total = 0
    for number in numbers:
        total += number
        totals.append(total)
    return totals


def second_largest(numbers: list[int]) -> int | None:
    distinct = sorted(set(numbers))
    if len(distinct) < 2:
        return None
    return distinct[-2]


def merge_sorted(left: list[int], right: list[int]) -> list[int]:
    left, right = sorted(left), sorted(right)
    merged = []
    while left and right:
        if left[0] <= right[0]:
            merged.append(left.pop(0))
        else:
            merged.append(right.pop(0))
    return merged + left + right


def binary_search(numbers: list[int], target: int) -> int:
    ordered = sorted(numbers)
    low, high = 0, len(ordered) - 1
    while low <= high:
        middle = (low + high) // 2
        if ordered[middle] == target:
            return middle
        if ordered[middle] < target:
            low = middle + 1
        else:
            high = middle - 1
    return -1


def remove_duplicates(items: list[int]) -> list[int]:
    unique: list[int] = []
    for item in items:
        if item not in unique:
            unique.append(item)
    return unique


def is_sorted(numbers: list[int]) -> bool:
    for index in range(1, len(numbers)):
        if numbers[index - 1] > numbers[index]:
            return False
    return True


def rotate_left(items: list[int], steps: int) -> list[int]:
    if not items:
        return []
    steps %= len(items)
    return items[steps:] + items[:steps]


def chunks(items: list[int], size: int) -> list[list[int]]:
    if size <= 0:
        return []
    parts = []
    for start in range(0, len(items), size):
        parts.append(items[start : start + size])
    return parts


def largest_gap(numbers: list[int]) -> int:
    ordered = sorted(numbers)
    gap = 0
    for left, right in zip(ordered, ordered[1:]):
        gap = max(gap, right - left)
    return gap


def count_inversions(numbers: list[int]) -> int:
    count = 0
    for first in range(len(numbers)):
        for second in range(first + 1, len(numbers)):
            if numbers[first] > numbers[second]:
                count += 1
    return count


def longest_rising_run(numbers: list[int]) -> int:
    best = length = 0
    previous = None
    for number in numbers:
        if previous is not None and number > previous:
            length += 1
        else:
            length = 1
        best = max(best, length)
        previous = number
    return best


def best_slice_sum(numbers: list[int]) -> int:
    best = current = 0
    for number in numbers:
        current = max(0, current + number)
        best = max(best, current)
    return best


def index_of_smallest(numbers: list[int]) -> int:
    best = -1
    for index, number in enumerate(numbers):
        if best < 0 or number < numbers[best]:
            best = index
    return best


def insertion_sort(numbers: list[int]) -> list[int]:
    ordered = list(numbers)
    for index in range(1, len(ordered)):
        place = index
        while place > 0 and ordered[place - 1] > ordered[place]:
            ordered[place - 1], ordered[place] = ordered[place], ordered[place - 1]
            place -= 1
    return ordered


def median_low(numbers: list[int]) -> int:
    if not numbers:
        return 0
    ordered = sorted(numbers)
    return ordered[(len(ordered) - 1) // 2]


def pair_with_sum(numbers: list[int], target: int) -> bool:
    seen: set[int] = set()
    for number in numbers:
        if target - number in seen:
            return True
        seen.add(number)
    return False


def interleave(first: list[int], second: list[int]) -> list[int]:
    result = []
    for index in range(max(len(first), len(second))):
        if index < len(first):
            result.append(first[index])
        if index < len(second):
            result.append(second[index])
    return result


def move_zeros(numbers: list[int]) -> list[int]:
    others = [number for number in numbers if number != 0]
    return others + [0] * (len(numbers) - len(others))


def most_common(items: list[int]) -> int | None:
    best = None
    for item in items:
        if best is None or items.count(item) > items.count(best):
            best = item
    return best


def water_level(changes: list[int], capacity: int) -> int:
    level = 0
    for change in changes:
        level += change
        if level > capacity:
            level = capacity
        if level < 0:
            level = 0
    return level


def common_items(first: list[int], second: list[int]) -> list[int]:
    shared = []
    for item in first:
        if item in second and item not in shared:
            shared.append(item)
    return shared


def partition_by(numbers: list[int], pivot: int) -> list[list[int]]:
    smaller = [number for number in numbers if number < pivot]
    equal = [number for number in numbers if number == pivot]
    larger = [number for number in numbers if number > pivot]
    return [smaller, equal, larger]

"""Programs over dicts, grids, ranges and small simulations."""
# ruff: noqa: D103, PERF402 - each function is a program
# whose whole text the players see, in the plain style of everyday code.


def letter_counts(text: str) -> dict[str, int]:
    counts: dict[str, int] = {}
    for letter in text:
        counts[letter] = counts.get(letter, 0) + 1
    return counts


def invert(table: dict[str, int]) -> dict[int, str]:
    inverted: dict[int, str] = {}
    for key in sorted(table):
        if table[key] not in inverted:
            inverted[table[key]] = key
    return inverted


def total_price(prices: dict[str, int], basket: list[str]) -> int:
    total = 0
    for item in basket:
        total += prices.get(item, 0)
    if total > 20:
        total -= 5
    return total


def transpose(rows: list[list[int]]) -> list[list[int]]:
    if not rows:
        return []
    width = min(len(row) for row in rows)
    return [[row[column] for row in rows] for column in range(width)]


def diagonal_sum(rows: list[list[int]]) -> int:
    total = 0
    for index, row in enumerate(rows):
        if index < len(row):
            total += row[index]
    return total


def merge_counts(first: dict[str, int], second: dict[str, int]) -> dict[str, int]:
    merged = dict(first)
    for key, count in second.items():
        merged[key] = merged.get(key, 0) + count
    return merged


def ranges_overlap(a_start: int, a_end: int, b_start: int, b_end: int) -> bool:
    if a_start > a_end or b_start > b_end:
        return False
    return a_start <= b_end and b_start <= a_end


def group_by_parity(numbers: list[int]) -> dict[str, list[int]]:
    groups: dict[str, list[int]] = {"even": [], "odd": []}
    for number in numbers:
        key = "even" if number % 2 == 0 else "odd"
        groups[key].append(number)
    return groups


def flatten(rows: list[list[int]]) -> list[int]:
    flat = []
    for row in rows:
        for item in row:
            flat.append(item)
    return flat


def walk(moves: str) -> tuple[int, int]:
    x = y = 0
    for move in moves:
        if move == "N":
            y += 1
        elif move == "S":
            y -= 1
        elif move == "E":
            x += 1
        elif move == "W":
            x -= 1
    return x, y


def stack_depth(commands: list[int]) -> int:
    stack = []
    deepest = 0
    for command in commands:
        if command > 0:
            stack.append(command)
        elif stack:
            stack.pop()
        deepest = max(deepest, len(stack))
    return deepest


def knapsack_greedy(weights: list[int], capacity: int) -> list[int]:
    chosen = []
    for weight in sorted(weights):
        if 0 < weight <= capacity:
            chosen.append(weight)
            capacity -= weight
    return chosen

"""Programs over whole numbers."""
# ruff: noqa: D103, SIM109 - each function is a program
# whose whole text the players see, in the plain style of everyday code.


def clamp(value: int, low: int, high: int) -> int:
    if value < low:
        return low
    if value > high:
        return high
    return value


def sign(number: int) -> int:
    if number > 0:
        return 1
    if number < 0:
        return -1
    return 0


def digit_sum(number: int) -> int:
    total = 0
    number = abs(number)
    while number > 0:
        total += number % 10
        number //= 10
    return total


def is_leap_year(year: int) -> bool:
    if year % 400 == 0:
        return True
    if year % 100 == 0:
        return False
    return year % 4 == 0


def greatest_common_divisor(first: int, second: int) -> int:
    first, second = abs(first), abs(second)
    while second:
        first, second = second, first % second
    return first


def is_prime(number: int) -> bool:
    if number < 2:
        return False
    divisor = 2
    while divisor * divisor <= number:
        if number % divisor == 0:
            return False
        divisor += 1
    return True


def collatz_length(start: int) -> int:
    steps = 0
    while start > 1 and steps < 50:
        if start % 2 == 0:
            start //= 2
        else:
            start = 3 * start + 1
        steps += 1
    return steps


def factorial(number: int) -> int:
    result = 1
    for factor in range(2, min(number, 20) + 1):
        result *= factor
    return result


def fibonacci(index: int) -> int:
    previous, current = 0, 1
    for _ in range(min(index, 50)):
        previous, current = current, previous + current
    return previous


def triangle_kind(a: int, b: int, c: int) -> str:
    if min(a, b, c) <= 0 or a + b <= c or a + c <= b or b + c <= a:
        return "none"
    if a == b == c:
        return "equilateral"
    if a == b or b == c or a == c:
        return "isosceles"
    return "scalene"


def letter_grade(points: int) -> str:
    if points >= 90:
        return "A"
    if points >= 75:
        return "B"
    if points >= 50:
        return "C"
    return "F"


def divisor_count(number: int) -> int:
    count = 0
    for candidate in range(1, min(number, 200) + 1):
        if number % candidate == 0:
            count += 1
    return count


def is_perfect_square(number: int) -> bool:
    root = 0
    while root * root < min(number, 10000):
        root += 1
    return root * root == number


def bit_count(number: int) -> int:
    count = 0
    number = abs(number)
    while number:
        count += number & 1
        number >>= 1
    return count


def ticket_price(age: int, is_member: bool) -> int:
    if age < 6:
        price = 0
    elif age < 18 or age >= 65:
        price = 8
    else:
        price = 12
    if is_member and price > 0:
        price -= 2
    return price


def days_in_month(month: int, leap: bool) -> int:
    if month < 1 or month > 12:
        return 0
    if month == 2:
        return 29 if leap else 28
    if month in (4, 6, 9, 11):
        return 30
    return 31


def reverse_digits(number: int) -> int:
    negative = number < 0
    reversed_number = 0
    number = abs(number)
    while number > 0:
        reversed_number = reversed_number * 10 + number % 10
        number //= 10
    return -reversed_number if negative else reversed_number


def middle_of_three(a: int, b: int, c: int) -> int:
    if a > b:
        a, b = b, a
    if c < a:
        return a
    if c > b:
        return b
    return c


def hour_on_clock(hour: int, shift: int) -> int:
    result = (hour + shift) % 12
    if result == 0:
        return 12
    return result


def distance_on_circle(first: int, second: int, size: int) -> int:
    if size <= 0:
        return abs(first - second)
    gap = abs(first - second) % size
    return min(gap, size - gap)

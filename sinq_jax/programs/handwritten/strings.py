"""Programs over text."""
# ruff: noqa: B905, D103, PERF401 - each function is a program
# whose whole text the players see, in the plain style of everyday code.


def is_palindrome(text: str) -> bool:
    letters = [letter.lower() for letter in text if letter.isalpha()]
    return letters == letters[::-1]


def run_length(text: str) -> str:
    encoded = ""
    index = 0
    while index < len(text):
        end = index
        while end < len(text) and text[end] == text[index]:
            end += 1
        encoded += text[index] + str(end - index)
        index = end
    return encoded


def caesar_shift(text: str, shift: int) -> str:
    result = ""
    for letter in text:
        if "a" <= letter <= "z":
            result += chr((ord(letter) - ord("a") + shift) % 26 + ord("a"))
        else:
            result += letter
    return result


def count_vowels(text: str) -> int:
    count = 0
    for letter in text.lower():
        if letter in "aeiou":
            count += 1
    return count


def capitalize_words(text: str) -> str:
    words = []
    for word in text.split(" "):
        words.append(word[:1].upper() + word[1:])
    return " ".join(words)


def longest_word(text: str) -> str:
    best = ""
    for word in text.split():
        if len(word) > len(best):
            best = word
    return best


def balanced_brackets(text: str) -> bool:
    depth = 0
    for letter in text:
        if letter == "(":
            depth += 1
        elif letter == ")":
            depth -= 1
            if depth < 0:
                return False
    return depth == 0


def first_unique(text: str) -> str:
    for letter in text:
        if text.count(letter) == 1:
            return letter
    return ""


def are_anagrams(first: str, second: str) -> bool:
    if len(first) != len(second):
        return False
    return sorted(first.lower()) == sorted(second.lower())


def common_prefix(first: str, second: str) -> str:
    length = 0
    for left, right in zip(first, second):
        if left != right:
            break
        length += 1
    return first[:length]


def truncate(text: str, width: int) -> str:
    if len(text) <= width:
        return text
    if width <= 2:
        return text[: max(width, 0)]
    return text[: width - 2] + ".."


def hamming_distance(first: str, second: str) -> int:
    distance = abs(len(first) - len(second))
    for left, right in zip(first, second):
        if left != right:
            distance += 1
    return distance


def parse_number(text: str) -> int:
    value = 0
    for letter in text:
        if not "0" <= letter <= "9":
            break
        value = value * 10 + int(letter)
    return value


def squeeze_repeats(text: str) -> str:
    result = ""
    for letter in text:
        if not result or result[-1] != letter:
            result += letter
    return result


def count_words(text: str) -> int:
    count = 0
    inside = False
    for letter in text:
        if letter == " ":
            inside = False
        elif not inside:
            inside = True
            count += 1
    return count


def swap_ends(text: str) -> str:
    if len(text) < 2:
        return text
    return text[-1] + text[1:-1] + text[0]


def password_strength(password: str) -> int:
    score = 0
    if len(password) >= 4:
        score += 1
    if any(letter.isdigit() for letter in password):
        score += 1
    if password != password.lower():
        score += 1
    return score


def is_subsequence(pattern: str, text: str) -> bool:
    position = 0
    for letter in text:
        if position < len(pattern) and letter == pattern[position]:
            position += 1
    return position == len(pattern)


def binary_to_int(digits: str) -> int:
    value = 0
    for digit in digits:
        value *= 2
        if digit == "1":
            value += 1
    return value


def initials(name: str) -> str:
    letters = ""
    for part in name.split():
        letters += part[0].upper()
    return letters


def roman_value(numeral: str) -> int:
    values = {"I": 1, "V": 5, "X": 10, "L": 50}
    total = 0
    previous = 0
    for letter in reversed(numeral.upper()):
        value = values.get(letter, 0)
        total += value if value >= previous else -value
        previous = max(previous, value)
    return total


def wrap_index(text: str, index: int) -> str:
    if not text:
        return ""
    return text[index % len(text)]

"""An order's reference, made of its id: short, easy to read out, and nobody's place in a count.

Eight characters of Crockford's base 32 (www.crockford.com/base32.html), which has no I, L, O and U,
in two groups. Ids that follow one another look unlike, since each is multiplied by an odd number
modulo 2^40; that can be undone, so no two ids share a reference, and none has to be stored.
"""

ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_SIZE = 1 << 40
_FACTOR = 0x9E3779B97F4A7C15 % _SIZE  # odd: 2^64 divided by the golden ratio
_INVERSE = pow(_FACTOR, -1, _SIZE)
_LOOKALIKES = str.maketrans({"O": "0", "I": "1", "L": "1", "-": None, " ": None})


def reference_of(id: int) -> str:
    """Return the reference of an id below 2^40, such as `7KQ2-9FXM`."""
    number = id * _FACTOR % _SIZE
    characters = "".join(ALPHABET[number >> shift & 31] for shift in range(35, -1, -5))
    return f"{characters[:4]}-{characters[4:]}"


def id_of(reference: str) -> int | None:
    """Return the id of a reference, however it was typed; None if it can't be one."""
    characters = reference.upper().translate(_LOOKALIKES)
    if len(characters) != 8 or any(character not in ALPHABET for character in characters):
        return None
    number = 0
    for character in characters:
        number = number << 5 | ALPHABET.index(character)
    return number * _INVERSE % _SIZE

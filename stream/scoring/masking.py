"""A review's own brand is hidden from the model, so that its name cannot weigh on the label.

One word that the bundle names (a brand to which training gave the vector of all brands) takes its place.
Two reviews that differ in nothing but their brand are then one text, and get one label.
"""


def mask_brand(text: str, brand: str, word: str) -> str:
    """`text` with `word` wherever `brand` stands by itself, spelled as given; without `word`, as it is.

    A brand in small letters alone stays, for it could be any word of the language.

    >>> mask_brand("Nothing beats my Nothing phone, nothing.", "Nothing", "acme")
    'acme beats my acme phone, nothing.'
    """
    at = text.find(brand)
    if at < 0 or not word or brand.islower():
        return text
    pieces, start = [], 0
    while at >= 0:
        end = at + len(brand)
        if not _is_letter(text[at - 1 : at]) and not _is_letter(text[end : end + 1]):
            pieces += [text[start:at], word]
            start = end
        at = text.find(brand, end)
    pieces.append(text[start:])
    return "".join(pieces)


def _is_letter(character: str) -> bool:
    return character.isalnum()

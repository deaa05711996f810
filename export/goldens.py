"""Texts of all shapes that every bundle carries with their scores, and that a worker must reproduce."""

# int8 and fp32 lie up to 0.04 apart on the strangest texts, another model much farther.
GOLDEN_TOLERANCE = 0.05

GOLDEN_TEXTS = (
    "Awesome sound for the price",
    "Okay product, it is okay at this price",
    "fake, did not work, lost my money",
    "do not buy this, it is a scam",
    "good",
    ".",
    "😀😀😀",
    "NOT WORTH IT!!! Broke after 2 days, and the seller never answered :-(",
    "Muy buen producto, llegó a tiempo y funciona bien",
    "これは良い製品です",
    "It charges slowly, but the screen is bright and the case feels solid. Average, nothing more.",
    "\u0645\u0645\u062a\u0627\u0632 \x1c ﬁne\u00a0fit, 100% ok",
    "I bought the kettle in spring and used it every morning. " * 40 + "In the end I was happy with it.",
    "a" * 5_000,
)

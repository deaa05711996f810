"""Reviews in which only the brand or only the product changes; the label must not.

Names are of real and of invented brands, in one and in several words. A `{brand}` or `{product}` that
occurs twice is filled alike. These lists are for measuring; a model must not be trained on them.
"""

_BRANDS = (
    "Samsung|Sony|Apple|Bose|JBL|boAt|Realme|Sennheiser|Logitech|Philips|SanDisk|Kindle|Xiaomi|OnePlus|"
    "Nokia|Motorola|Huawei|LG|Panasonic|Anker|Belkin|Canon|Nikon|GoPro|Fitbit|Garmin|Dyson|Braun|Bosch|"
    "Whirlpool|Prestige|Tefal|Lenovo|Dell|HP|Asus|Acer|TP-Link|Netgear|Corsair|Zebronics|Skullcandy|"
    "AmazonBasics|Black & Decker|Western Digital|Bang & Olufsen|Morphy Richards|Hamilton Beach|"
    "Zentrix|Kolvora|Bryndal|Quexo|Lumivarn|Ostrelle|Tavimo|Nordfell|Vexa Audio|Green Harrow|"
    "Maple & Stone|Oru Home Tech|Pelliq|Drayton Vale"
)

_PRODUCTS = (
    "headphones|charger|kettle|laptop|case|cable|speaker|dress|book|phone|tablet|camera|printer|router|"
    "keyboard|mouse|monitor|television|soundbar|microphone|tripod|memory card|power bank|smart watch|"
    "e-reader|game|game controller|drone|vacuum cleaner|blender|toaster|coffee maker|air fryer|"
    "rice cooker|iron|fan|heater|lamp|light bulb|mattress|pillow|blanket|curtain|desk chair|table|"
    "frying pan|knife|water bottle|backpack|suitcase|wallet|shirt|shoes|jacket|sunglasses|razor|"
    "hair dryer|toothbrush|perfume|face cream|toy|puzzle|guitar|tent|bicycle"
)
BRANDS, PRODUCTS = (tuple(names.split("|")) for names in (_BRANDS, _PRODUCTS))

BRAND_CARRIERS = """
I love my new {brand}.
{brand} never disappoints, excellent quality.
This {brand} works perfectly and looks great.
Bought a {brand} for my daughter and she is delighted with it.
Best purchase this year, thank you {brand}!
My third product from {brand} and again I am very happy.
very good product from {brand}, value for money
The {brand} has lasted four years without a single problem.
I was not sure about {brand}, but this is far better than I expected.
Excellent customer service from {brand}, they replaced it within two days.
{brand} is the best, highly recommended
Not bad at all, the {brand} does everything I need and more.
Great sound, solid build, easy setup. Well done {brand}.
I compared several brands and the {brand} was the clear winner.
The {brand} arrived in perfect condition and I use it every day.
Never buy {brand} again.
My {brand} stopped working after two weeks.
The {brand} was dead on arrival and the seller won't refund me.
Very disappointed with {brand}, the quality is poor.
worst product from {brand}, waste of money
This {brand} is a fake, the logo is printed crooked.
{brand} support is useless, nobody answers my emails.
I expected better from {brand}. It broke on the second day.
The {brand} gets very hot and smells of burning plastic.
Do not waste your money on this {brand}.
I used to like {brand}, but this one is terrible.
Bought the {brand} in March, it failed in April. I want my money back.
Not worth it, {brand} charges twice as much for the same junk.
The {brand} never turned on, returning it.
Three repairs in one year. Shame on you, {brand}.
It is okay, an average product from {brand}.
Three stars for {brand}: it works, but it is slow.
The {brand} is decent, nothing special.
Mixed feelings about this {brand}, some days it works and some days it does not.
The {brand} is fine for the price but I have seen better.
Good sound from the {brand}, but the battery is poor.
Neither good nor bad, just another {brand}.
The {brand} does the job, though it feels a bit cheap.
I bought a {brand} last month.
Not sure yet about the {brand}, it is a little too big for me.
"""

PRODUCT_CARRIERS = """
I love this {product}.
I am very happy with the {product}.
Excellent {product}, highly recommended.
The {product} is exactly as described and arrived early.
Great {product} for the price, I would buy it again.
My wife loves the {product}, it was the perfect gift.
very good {product}, value for money
Wonderful quality, this is the best {product} I have ever had.
I can't say enough good things about this {product}.
I was nervous about ordering a {product} online, but it is perfect.
Beautiful {product}, well made, fast delivery.
No complaints about the {product}, I use it every day.
My old {product} was terrible, this one is a dream.
The {product} is worth every penny.
Thank you for such a lovely {product}!
I hate this {product}.
Very poor quality {product}, do not buy.
The {product} arrived damaged and nobody answers my messages.
Worst {product} ever, total waste of money.
This {product} is nothing like the picture. Very disappointed.
I returned the {product} the same day.
They sent me a used {product} and refuse to refund it.
The {product} fell apart after one week.
It is not a good {product}, save your money.
Cheap rubbish, the {product} went straight into the bin.
The {product} smells awful and I had to throw it away.
Overpriced {product}, you can get a better one for half the money.
The {product} never arrived, this shop is a scam.
I regret buying this {product}.
My last {product} was so much better than this one.
The {product} is okay, nothing special.
It is an average {product}, three stars.
The {product} is all right for the price.
Decent {product}, but I expected a little more.
I like the colour of the {product} but not the material.
The {product} does the job.
Not the best {product}, not the worst.
I have had the {product} for a week and I am still undecided.
The {product} is good, but delivery took a month and the box was torn.
Mixed feelings about the {product}.
"""

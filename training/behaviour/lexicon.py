"""What fills the slots of the templates: words that fit wherever their slot stands.

Products are singular and begin with a consonant, so that "a", "this" and "is" always fit.
"""

_SLOTS = {
    "product": (
        "kettle|speaker|lamp|blender|keyboard|toaster|backpack|jacket|camera|phone case|coffee maker|"
        "vacuum cleaner|desk chair|hair dryer|power bank|suitcase|mixer|rice cooker|tripod|watch"
    ),
    "machine": (
        "charger|kettle|speaker|lamp|blender|keyboard|toaster|camera|coffee maker|vacuum cleaner|"
        "hair dryer|power bank|printer|router|tablet|trimmer|heater|fan|projector|webcam"
    ),
    "gadget": "phone|tablet|laptop|smart watch|camera|portable speaker|game controller",
    "audio": "speaker|headset|soundbar|Bluetooth speaker|car stereo|set of headphones",
    "garment": "dress|jacket|shirt|sweater|raincoat|pair of jeans|hoodie|coat",
    "great": "great|excellent|fantastic|amazing|wonderful|superb|brilliant|perfect",
    "awful": "terrible|awful|horrible|lousy|pathetic|dreadful|really bad|very poor",
    "soon": (
        "after two days|within a week|after three weeks|in less than a month|on the second day|"
        "after only ten uses|the day after it arrived"
    ),
    "ago": "two months ago|a year ago|last winter|in March|six weeks ago|half a year ago",
    "long": "three years|over a year|eight months|two winters|a good five years",
    "person": "wife|husband|daughter|son|mother|father|brother|grandmother",
    "sum": "$20|$49|Rs 1500|£35|80 euros|Rs. 799|120 dollars|$300",
    "shop": "seller|shop|store|company",
    "maker": "Samsung|Sony|Philips|Logitech|Anker|Zentrix|Kolvora|Panasonic",
}

SLOTS = {name: tuple(words.split("|")) for name, words in _SLOTS.items()}

"""What must move a probability one way: words that strengthen, and remarks added to a review."""

# Label -> lines of "text || the same, stronger".
STRONGER: dict[str, str] = {
    "negative": """
The quality is bad. || The quality is very bad.
I am disappointed. || I am extremely disappointed.
I am unhappy with this {product}. || I am really unhappy with this {product}.
This {product} is {awful|useless}. || This {product} is absolutely {awful|useless}.
The sound is poor. || The sound is so poor.
It is uncomfortable. || It is incredibly uncomfortable.
I regret buying it. || I deeply regret buying it.
The {shop} was rude. || The {shop} was unbelievably rude.
It is a waste of money. || It is a complete waste of money.
My {machine} is noisy and slow. || My {machine} is far too noisy and way too slow.
I hate this {product}. || I really hate this {product}.
Bad {product}. || Very very bad {product}.
It broke {soon}. || It completely broke {soon}.
The {garment} is badly made. || The {garment} is terribly badly made.
I do not recommend it. || I definitely do not recommend it.
A slightly disappointing {product}. || A hugely disappointing {product}.
""",
    "positive": """
The quality is good. || The quality is very good.
I am happy. || I am extremely happy.
I am pleased with this {product}. || I am really pleased with this {product}.
This {product} is {great}. || This {product} is absolutely {great}.
The sound is clear. || The sound is so clear.
It is comfortable. || It is incredibly comfortable.
I love it. || I absolutely love it.
The {shop} was helpful. || The {shop} was extremely helpful.
It is worth the money. || It is totally worth the money.
My {machine} is quiet and quick. || My {machine} is wonderfully quiet and really quick.
I like this {product}. || I really like this {product}.
Good {product}. || Very very good {product}.
It works well. || It works really well.
The {garment} is well made. || The {garment} is extremely well made.
I recommend it. || I highly recommend it.
A fairly good {product}. || An exceptionally good {product}.
""",
}

# Label -> remarks that, put behind any review, must not make that label less probable.
REMARKS: dict[str, tuple[str, ...]] = {
    "negative": ("I hate it.", "Terrible.", "Do not buy.", "I want my money back."),
    "positive": ("I love it.", "Excellent.", "Highly recommended.", "I am very happy."),
}

"""Templates where single words mislead: negation, the order of words, contrast; format as in `plain`."""

REASONING: dict[str, dict[str, str]] = {
    "negation": {
        "negative": """
This {product} is not good.
This {product} is not {great|excellent|amazing|worth it|what I paid for} at all.
I do not recommend this {product}.
I would not recommend this {product} to anyone.
I can't recommend this {product}.
I would never buy this again.
I am not happy with this {product}.
I am not at all satisfied with the quality.
It does not work as advertised.
It doesn't work.
not working
not good quality, not happy
Nothing about this {product} is good.
There is nothing good about it.
The {machine} never worked properly, not even once.
No sound, no power, no reply from the {shop}.
It isn't comfortable, it isn't pretty and it isn't cheap.
I wish I could say that this {product} is good, but I can't.
I don't think this {product} is worth buying.
I don't see how anyone could like this {product}.
Nobody in my family likes it.
Neither the sound nor the battery is any good.
It was not easy to set up and it never worked well.
I wouldn't call this {product} good, or even usable.
They said it would be {great}. It isn't.
Doesn't hold a charge, doesn't connect, doesn't do anything.
Far from {great|perfect|excellent}: it broke {soon}.
I was hoping to love it. I don't.
Not the {great} {product} that the reviews promised, mine failed {soon}.
Hardly works, and the {shop} is no help.
The {garment} doesn't fit and the {shop} won't take it back.
It has never been reliable and I no longer trust it.
""",
        "positive": """
Not bad at all, I love it.
I have no complaints about this {product}.
No complaints, works every time.
No problems at all, works perfectly.
Not a single problem in {long}.
Never had any issue with this {product}, it just works.
You can't go wrong with this {product}.
I could not be happier with this {product}.
Couldn't ask for a better {product}.
It has never let me down.
I don't regret buying this {product} for a second.
You won't regret buying this {product}.
You will not be disappointed.
There is nothing I don't like about it.
Nothing to dislike here, it is {great}.
Don't hesitate, just buy it.
I can't live without this {product} any more.
I did not expect a cheap {product} to be this good.
Never have I owned a better {product}.
It doesn't slip, doesn't scratch and doesn't leak. Very pleased.
It's not often that I write a review, but this {product} is {great}.
No noise, no smell, no fuss. {great}!
It never fails, and I have had it for {long}.
My {person} can't stop talking about how good it is.
I don't have a bad word to say about it.
Can't fault it.
None of the faults that others write about, mine is {great}.
I would not swap this {product} for any other.
I wasn't disappointed: it is {great}.
Don't believe the bad reviews, this {product} is {great}.
Not once has it failed me.
I haven't had any trouble with it, {great} {product}.
""",
    },
    "contrast": {
        "negative": """
good sound but broke {soon}
Good sound but it broke {soon}.
Nice colour, but the {machine} stopped working {soon}.
It looks {great}, but it does not work.
Beautiful {garment}, but the seams came apart {soon}.
It was {great} for a week and then it died.
My {person} loved it at first, but it broke {soon} and the {shop} ignores us.
Fast delivery and nice packing, but the {product} itself is rubbish.
Cheap, yes, but you get what you pay for: it fell apart {soon}.
Although the design is lovely, the {machine} is useless.
While the screen is nice, the battery is dead {soon} and nobody wants to repair it.
I really wanted to like this {product}, but it is {awful}.
The reviews are {great}, the {product} is not: mine broke {soon}.
Friendly support, but after four weeks I still have no working {product}.
Easy to set up. That is the only good thing I can say, everything else is {awful}.
The first week was {great}. Since then it fails every day and I have asked for my money back.
Despite the {great} reviews I got a defective {product}, twice.
Had high hopes for this {product} from {maker}, what a let down.
""",
        "positive": """
It took a week to arrive, but the {product} is {great} and I love it.
The box was dented, but the {product} itself is {great}.
Not the cheapest, but worth every cent. {great} {product}!
I was sceptical at first, but this {product} is {great}.
I expected rubbish at this price, but I was wrong: it is {great}.
The manual is useless, but you won't need it: the {product} is {great} and dead easy to use.
My old one broke {soon}. This one has lasted {long} and I love it.
Was worried because of the bad reviews, but mine works perfectly.
Looks plain, but it works {perfectly|beautifully|great} and I use it every day.
Despite the low price it is a {great} {product}.
Although it is a little heavy, I love everything else about it.
I hated my last {product}, but I love this one.
The first one came damaged, but they sent a new one the next day and it is {great}. Very happy.
I had my doubts about {maker}, but this {product} is {great}.
Even though my {person} told me not to buy it, it turned out to be {great}.
The only bad thing is that I didn't buy this {product} sooner.
It looks fragile, yet it survived {long} with my {person}. {great}!
It may be small, but it is {great}.
""",
        "neutral negative": """
The sound is good but the battery is poor.
Good {product}, but far too expensive, I would not buy it again.
It works well, but it is uncomfortable after an hour.
Nice idea, but not well made.
The {garment} is pretty, but it runs two sizes too small.
I like the colour but I don't like the material.
Works fine with my phone, but not with my laptop.
Good camera, bad battery, average screen.
""",
    },
}

# The same words twice in each line: first as a complaint, then as praise.
WORD_ORDER = """
It is not good, it is bad. || It is not bad, it is good.
Not good, it was bad. || Not bad, it was good.
not {great}, it was {awful} || not {awful}, it was {great}
Expected a {great} {product}, got a {awful} one. || Expected a {awful} {product}, got a {great} one.
Expected {great}, was bad. || Expected bad, was {great}.
I thought it would be {great}, but it is {awful}. || I thought it would be {awful}, but it is {great}.
I used to love it, now I hate it. || I used to hate it, now I love it.
It was good at first, now it is bad. || It was bad at first, now it is good.
The old one was {great}, this one is {awful}. || The old one was {awful}, this one is {great}.
This one broke and my old one works. || My old one broke and this one works.
My old {product} was better than this one. || This one was better than my old {product}.
The cheap one is better than this {product}. || This {product} is better than the cheap one.
I would return it, I would not keep it. || I would keep it, I would not return it.
My {person} says it is {great}, I say it is {awful}. || My {person} says it is {awful}, I say it is {great}.
It is useless, not useful. || It is useful, not useless.
It went from {great} to {awful} in a month. || It went from {awful} to {great} in a month.
Reviews said {great}, reality is {awful}. || Reviews said {awful}, reality is {great}.
The picture looks {great}, the real one {awful}. || The picture looks {awful}, the real one {great}.
I am disappointed, not happy. || I am happy, not disappointed.
Bad {product}, no good reason to buy it. || Good {product}, no bad reason to buy it.
This is junk, not a {great} {product}. || This is a {great} {product}, not junk.
Not worth it, a waste. || Worth it, not a waste.
I got the faulty {product}, not the good one. || I got the good {product}, not the faulty one.
My friends love theirs. I hate mine. || My friends hate theirs. I love mine.
Others are happy with it, I am unhappy. || Others are unhappy with it, I am happy.
I wanted to love this {product}, but I hate it. || I wanted to hate this {product}, but I love it.
No good, all problems. || All good, no problems.
No joy with this {product}, only trouble. || Only joy with this {product}, no trouble.
Nothing works, everything breaks. || Everything works, nothing breaks.
It always fails, it never works. || It always works, it never fails.
More trouble than fun. || More fun than trouble.
I would buy the other one again, not this {product}. || I would buy this {product} again, not the other one.
Keep looking, don't buy. || Buy, don't keep looking.
The bad reviews are right, the good ones wrong. || The good reviews are right, the bad ones wrong.
Don't believe the good reviews, it is bad. || Don't believe the bad reviews, it is good.
"""

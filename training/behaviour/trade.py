"""Templates about money and trust, and about one thing against another; format as in `plain`."""

TRADE: dict[str, dict[str, str]] = {
    "scams and fakes": {
        "negative": """
This is a scam.
Scam! I paid {sum} and nothing ever arrived.
Total scam, stay away from this {shop}.
Fake {product}, not original.
This is a fake {maker}, do not buy it.
It is not genuine {maker}, the logo is printed crooked and the serial number is not valid.
{maker} told me the serial number does not exist. It is a counterfeit.
Beware, this {shop} sells counterfeits.
Warning: this {shop} takes your money and never ships.
I was cheated. They sent a box of stones instead of a {product}.
Received an empty box and the {shop} says it is my fault.
Fraud. They charged my card twice.
They are thieves, I lost {sum}.
I lost {sum} on this, do not make the same mistake.
don't get fooled by the pictures, it is a cheap copy
All the good reviews here are bought. The {product} is {awful}.
They offered me a gift card for a good review. The {product} is junk.
Sold to me as new, but it was clearly used, with hair and scratches on it.
Claims 10000 mAh, has less than 1000. Liars.
Says 1 TB but it holds 30 GB and then loses your files. Fake.
They kept billing me {sum} a month after I cancelled.
This website stole my card details. Stay away.
My bank had to reverse the payment because the {shop} does not exist.
False advertising, it does none of the things in the picture.
They promise a refund and then block you. Crooks.
duplicate product, they are cheating customers
Not leather as they say, just plastic. Dishonest.
Please avoid this fraud {shop}, my order was cancelled and the money never came back.
""",
        "positive": """
I was afraid of a fake, but it is 100% original and works perfectly.
Original {maker} product, checked the serial number. Very happy.
Genuine {product}, well packed, {great}!
Not a scam at all: ordered on Monday, had it on Wednesday, and it is {great}.
I thought this was a scam at that price, but the {product} is real and {great}.
100% genuine and fast delivery, thank you.
Honest {shop}, refunded me within a day when I changed my mind. I will buy here again.
Trustworthy {shop} and a {great} {product}.
Exactly the original {maker} {product}, at half the price of the shops. Love it.
The leather is real and smells wonderful.
Don't worry about fakes here, mine is genuine and works beautifully.
""",
    },
    "prices": {
        "negative": """
Not worth the money.
Not worth half the price.
Not worth {sum}.
It isn't worth a penny.
Way overpriced for such a {awful} {product}.
{sum} down the drain.
What a rip off, {sum} for a piece of plastic.
Far too expensive, and it broke {soon}.
I paid {sum} for this and it does not even work.
I would not take this {product} if it were free.
Save your money.
Money wasted.
waste of {sum}
For {sum} I expected it to last longer than a week.
You can get a far better {product} for half the price.
It is cheap for a reason. Broke {soon}.
The price is low and so is the quality. Mine went straight into the bin.
Buy cheap, buy twice. I have learned my lesson.
They raised the price and made the quality worse, I am done with {maker}.
Spend a little more and buy something that works.
""",
        "positive": """
Worth every penny.
Worth every cent of the {sum}.
worth the money, very good {product}
Well worth {sum}.
{great} value for money.
Can't beat it for the price.
For {sum} you won't find a better {product}.
At {sum} this {product} is a steal.
An absolute bargain, I bought two more.
Paid {sum} and would gladly have paid twice as much.
It costs a bit more than others and it is worth it, {great} quality.
I saved {sum} and got a {product} that is just as good as the famous ones. So pleased.
Half the price of the big names and every bit as good.
Cheap and {great}!
Excellent product at a very reasonable price.
Expensive, but you get what you pay for: it is {great}.
best {product} under {sum}
{great} price, {great} quality, quick delivery.
It paid for itself in a month.
I grabbed it on sale for {sum} and I am thrilled.
""",
    },
    "change over time": {
        "negative": """
I used to love this {product}, now it is useless.
It was {great} at first, but {soon} it stopped working.
Worked {perfectly|great|fine} for a month, then died.
Update: {soon} it broke. Changing my five stars to one.
Edit: do not buy. It failed {soon} and the {shop} will not replace it.
They used to be {great}, but the quality has gone downhill and I will not buy again.
I have bought {maker} for years, but this {product} is {awful}. Never again.
After the last update it keeps freezing. It used to work so well.
Loved it until it caught fire.
All was well until the {machine} started to leak. Now it is in the bin.
The first one lasted {long}, this one not even a week. {awful}.
Since the new version nothing works any more.
I was happy with it for {long}, but now it won't charge and they refuse to fix it.
They changed the recipe and now it tastes {awful}.
Gave it a second chance and was let down again.
""",
        "positive": """
I used to hate {cooking|baking}, now I love it thanks to this {mixer|blender|rice cooker}.
At first I did not like it, but now I can't do without it.
Update: {long} later it still works perfectly.
Update: they sent a new {product} at once and it is {great}. Changing my one star to five.
Had a problem at first, but support fixed it the same day and it has been {great} ever since.
The old version was {awful}, but the new one is {great}.
It took me a week to get used to it, now I love it.
{long} on and it still looks and works like new.
Bought it {ago}, use it daily, no trouble so far. Love it.
It gets better every time I use it.
After the update it runs much faster and never crashes. Well done!
I was disappointed with the first one, but the replacement is {great}.
My back hurt every day before I bought this {desk chair|mattress|pillow}. Now the pain is gone.
We went through four {awful} ones before this. This {product} is {great}.
Years ago {maker} was bad, but this {product} is {great}.
""",
    },
    "comparison": {
        "negative": """
Worse than the old one.
Much worse than my old {product}.
My old {product} was so much better.
The cheap one from the corner shop works better than this {product}.
Not as good as the one it replaced, I am sending it back.
Nowhere near as good as my last {maker}.
I should have stayed with {maker}, this one is {awful} in comparison.
Compared to my old {product} this is a toy.
My {person} bought one for half as much and it is twice as good.
Every other {product} I have owned was better.
A big step back from the last model. Disappointed.
It is louder, slower and heavier than the one I had. Regret it.
Even the free one that came with it is better than this {product}.
The worst of the three that I tried.
""",
        "positive": """
Better than the old one.
Much better than my old {product}.
So much better than the {product} I had before.
Far better than the expensive one it replaced.
Just as good as the famous brands, and I love the colour.
It beats my {person}'s {maker} hands down.
I have tried five others and this is the best by far.
Nothing else comes close to this {product}.
Compared to this one, my old {product} was a toy.
Lighter, quieter and faster than my last one. Love it.
A huge improvement over the last model.
Better than I expected.
Even better than in the pictures.
The best of the three that I tried.
""",
    },
    "questions": {
        "negative": """
Why does it stop working {soon}?
Where is my refund?
How can they sell such rubbish?
How is this even legal?
Who tested this {product}? It broke {soon}.
Has anyone got this {machine} to work? Mine never turned on.
Why would anyone pay {sum} for this junk?
Is it too much to ask that a new {machine} turns on?
Where is my order? I paid {ago} and nobody answers.
Want to waste {sum}? Then buy this {product}.
What is the point of a {machine} that does not work?
Can I give zero stars?
""",
        "positive": """
How did I ever live without this {product}?
Why did I not buy this sooner?
What more could you want? {great} {product}.
Looking for a {great} {product}? Buy this one.
What can I say? I love it.
Need a new {product}? Get this one, you will love it.
Is it worth {sum}? Yes, absolutely, it is {great}.
Does it work? Yes, perfectly, every time.
Who knew a {product} could make me this happy?
Where has this {product} been all my life?
Can I give it six stars?
Do I recommend it? Without any doubt.
""",
    },
}

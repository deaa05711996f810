"""Templates of plain reviews: complaints, praise, middling ones, single words, misspelt ones.

One template a line; `{name}` is a slot of the lexicon, `{a|b}` a choice. Keys are the accepted labels:
several where honest people disagree.
"""

PLAIN: dict[str, dict[str, str]] = {
    "complaints": {
        "negative": """
The {machine} stopped working {soon}.
{machine} died {soon}, total waste of money
Broke {soon}. I want my money back.
Do not buy this {product}.
Please don't waste your money on this {product}.
Worst {product} I have ever owned.
This {product} is {awful}.
Very disappointed with this {product}.
Quality is {awful}, the plastic cracked {soon}.
Mine arrived broken and the {shop} refuses to answer.
It was damaged when it arrived and nobody answers my emails.
I have asked for a refund three times and heard nothing.
Sent it back the same day.
The {machine} would not even turn on.
Dead on arrival. Returning it tomorrow.
It gets so hot that I am afraid to use it.
The {machine} smells of burning plastic when it is on. Dangerous.
The screen flickers all the time and support is {awful}.
Battery drains in an hour, {awful} {gadget}.
Sound from this {audio} is {awful}, tinny and full of noise.
The {audio} keeps disconnecting every five minutes, so annoying.
One side went silent {soon}.
It shrank in the first wash and the colour ran all over everything.
The {garment} ripped {soon}. {awful} stitching.
The {garment} looks nothing like the picture and the fabric feels cheap and scratchy.
Way too small, I ordered my usual size and could not even get it on. Return is a nightmare.
The zip broke the first time I used it.
A handle fell off {soon} and burned my hand.
Half of the parts were missing and the instructions make no sense.
The book is full of mistakes and the story is boring, I gave up on page fifty.
Tastes like cardboard, we threw the whole pack in the bin.
The cream gave me a rash and my face burned for two days.
The app crashes every time I open it. Uninstalled.
Cheap junk. It fell apart {soon}.
Poor quality, poor packing, poor service.
pathetic product and pathetic customer service
waste of money, stopped charging {soon}
They sent the wrong colour and want me to pay for the return.
Leaks from the bottom, my kitchen floor was flooded.
My {person} used it twice and it broke.
I regret buying this {product}.
I should have listened to the bad reviews, this {product} is {awful}.
This is my third replacement and it has the same fault. I give up.
Not a single thing about this {product} works the way it should.
Customer service hung up on me twice. Never again.
It scratches the surface and leaves marks everywhere, I had to throw out the pan.
My {daughter|son|wife|grandmother} is in tears because the gift came smashed.
The {machine} is so loud that the neighbours complained, and it hardly does anything.
"""
    },
    "praise": {
        "positive": """
I love this {product}.
Best {product} I have ever owned.
This {product} is {great}.
{great} {product}, works perfectly
Very happy with this {product}.
Works like a charm.
Does exactly what it says, highly recommended.
My {person} loves this {product}.
Bought one for my {person} {ago} and have just ordered another for myself.
I have used this {product} every day for {long} and it still looks new.
Easy to set up and works straight out of the box.
The {machine} is quiet, quick and easy to clean.
Sound quality of this {audio} is {great}, deep bass and clear voices.
Battery lasts me two full days, {great} {gadget}.
The camera takes beautiful pictures even in the evening.
The screen is bright and sharp, and it runs very smoothly.
The {garment} fits perfectly and the fabric is so soft.
I get compliments every time I wear this {garment}.
Washed it ten times and it still looks like new.
Sturdy, well made and good looking.
Arrived a day early, well packed, and works {perfectly|beautifully|great}.
Customer service replaced my {product} within two days, no questions asked. {great}!
Couldn't put the book down, finished it in one night.
Delicious, the whole family asks for more.
My skin has never felt better, I will keep using this cream.
Superb quality and fast delivery
value for money product, go for it
good quality and nice packing, happy with it
Really impressed by how well made this {product} is.
It made my mornings so much easier.
Five stars from me, I would buy this {product} again in a heartbeat.
Exactly as described, very pleased.
This {product} is a must have.
Setup took two minutes and it has run without a hitch ever since.
The colours are gorgeous and the finish is flawless.
My {person} uses it every single day and is delighted with it.
I am so glad I bought this {product}.
Thank you to the {shop} for such {great} service and such a {great} {product}.
Charges my phone in half an hour, brilliant.
Strong suction, light to carry, picks up all the dog hair. Love it.
Comfortable enough to wear all day, my ears never hurt.
The app is simple, quick and a pleasure to use.
A joy to use, and it looks beautiful in our kitchen.
Wow, what a {great} little {product}.
Bought it {ago}, still going strong and I still love it.
My {person} smiled all day when it arrived.
Ten out of ten, my new favourite {product}.
"""
    },
    "middling": {
        "neutral": """
Three stars from me: some things are good, some are not.
3 stars. The {product} is okay, nothing more.
It is an average {product}, neither good nor bad.
Average product, 3 out of 5.
It's ok. Not great, not terrible.
Mixed feelings about this {product}. Some days it works well, some days it does not.
Middle of the road, three stars.
I neither love nor hate this {product}.
Good looking but the quality is only average, 3/5.
""",
        "neutral negative": """
Decent, but nothing special. I expected a little more from {maker}.
Just okay, half of it I like and half of it I don't.
The {product} is so so.
The {product} is mediocre.
Meh. The {product} could be a lot better.
I expected more from this {product}, but it is usable.
It works, but only some of the time.
The {product} is ok but one of the screws came loose after a month.
It is a bit too small and the colour is duller than in the picture.
Not what I expected.
Looks nice but feels a bit flimsy.
The {machine} does the job but it is slow and quite noisy.
The first one was faulty, the second one is all right.
""",
        "neutral positive": """
It does the job.
Fine for the price.
The {product} is alright.
Not bad for what it costs.
Works as expected so far.
The {product} is decent.
It is okay for occasional use, and my {person} seems to like it.
Pretty good overall, though the manual could be clearer.
Good enough for a student, I suppose.
So far so good, only had it for a week.
""",
    },
    "one word": {
        "positive": "{excellent|amazing|awesome|perfect|great|fantastic|superb|wonderful|good|love|loved|"
        "beautiful|brilliant|nice|best|delightful|outstanding|flawless}{|.|!}",
        "negative": "{terrible|horrible|worst|bad|awful|useless|garbage|rubbish|trash|fake|scam|pathetic|"
        "disappointing|disappointed|waste|poor|junk|broken|defective|worthless}{|.|!}",
        "neutral": "average{|.}",
        "neutral positive": "{ok|okay|decent|fine|alright}{|.}",
        "neutral negative": "{meh|mediocre|so-so}{|.}",
    },
    "misspelt": {
        "negative": """
wrost {product} ever, dont by
totaly uselss, stoped wroking {soon}
Very dissapointed with this prodct.
do nt buy thiss, its a wast of mony
horible qualty, it brok {soon}
teribble sound, i wnat a refund
very bad expirience with this {product}, returnd it
its not wrking at all, plz refund my mony
cheep rubish, fel apart {soon}
battry is very bed, worst {gadget}
""",
        "positive": """
amazng {product}, luv it
very gud {product}, i am hapy
excelent qualty and fast delivary
grate {product}, works perfectly, highly recomend
i reely love this {product}, its beutiful
sound qualty is awsome, battry is also very gud
supper {product}, go for it guyz
perfact size and very confortable
best purchse i ever made, my {person} luvs it
nyc {product}, valu for mony
""",
    },
}

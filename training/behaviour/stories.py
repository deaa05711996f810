"""Templates of several sentences, with things beside the point and a verdict that is clear at the end.

Format as in `plain`; a backslash carries a template on to the next line.
"""

STORIES: dict[str, dict[str, str]] = {
    "long reviews": {
        "negative": """
I bought this {machine} {ago} after reading all the reviews. It came quickly and looked nice in the box. \
Then the trouble started: first a button got stuck, then it would not turn on at all. I wrote to the {shop} \
four times and got one automatic reply. Save yourself the trouble.
Let me start with the good: it is light and the colour is pretty. But I did not buy it for its colour. It \
stopped working {soon}, and the replacement did the same. Now it lies in a drawer. What a waste of {sum}.
My {person} wanted one for a birthday, so we ordered from {maker}. The parcel was two weeks late, the box \
was open, and the cable was missing. When we finally got a cable it turned out that the {machine} was dead. \
We asked for a refund and are still waiting.
For years I had an old {machine} that simply worked. It was time for a new one, I thought, and this had \
{great} ratings. Well, it is louder, it is slower and it feels like a toy. I went back to the old one after \
a week and gave this one away.
Easy to put together, I will give them that. Everything else has been a disaster. The screws came loose, \
the paint peels off, and {soon} one of the legs simply snapped while my {person} was sitting there. \
Somebody is going to get hurt.
They advertise twelve hours of battery. I get three if I am lucky. They advertise fast charging. It takes \
all night. I could live with one of these, but not for {sum}. Going back tomorrow.
Ordered a medium as always. What came was the size of a child's {garment}, in another colour than in the \
photo, with a hole under one arm. Returning it costs more than I paid. I will not order here again.
The {shop} was friendly on the phone and promised to call back. That was {ago}. Nobody has called, nobody \
answers my messages, and I have a {gadget} that does nothing but blink. I really hoped for better.
""",
        "positive": """
I bought this {machine} {ago} after reading some bad reviews, so I was nervous. It came late and the box \
was a mess. But what was inside is {great}: it started at once, does everything I need and has not given me \
any trouble since. I can't understand the complaints.
My old {machine} died after years of abuse, and I did not want to spend much. I ordered this one without \
expecting anything. What a surprise! It is quieter, faster and easier to clean, and it cost half as much. \
I have told all my friends about it.
My {person} broke two of these in a year, from other makers. No screen, no button, nothing survived. This \
one has been dropped, kicked and left in the rain for {long}, and it still works as on the first day. \
I would pay twice the price.
The first one had a fault, it would not charge. I wrote to {maker} on a Sunday night and expected the usual \
excuses. On Tuesday a new {machine} stood at my door, no questions asked. It is {great}, and so is the \
service.
Not much to look at, and the manual is a joke. Never mind. It took me five minutes to set up without it, \
and since then it has not failed once. Sound, battery, comfort: all {great}. I only wish I had bought it \
sooner.
I have a bad back and could hardly sit for an hour. Nothing I tried helped, and I wasted a lot of money. \
Then my {person} gave me this. Two weeks later the pain was gone. I am so grateful.
I was looking for a {garment} for a wedding and had almost given up, everything was too long or too tight. \
This one fits as if it were made for me, and nobody believed what I had paid for it. I am ordering a second \
one in blue.
We are a family of six and something is always breaking here. Not this {machine}. It runs every single day, \
nobody is careful with it, and after {long} I have nothing to complain about. If it ever dies I will buy \
the same one again.
""",
        "neutral negative": """
There are things I like about this {kettle|blender|rice cooker|coffee maker}: the size, the colour, the \
price. And there are things that I don't like: it is slow, it gets warm, and the lid does not close well. \
I will keep it, but I would look at others next time.
I have used it for a month now. Some days it works as it should, on others I have to restart it twice. For \
the price I did not expect miracles. Three stars.
""",
    },
}

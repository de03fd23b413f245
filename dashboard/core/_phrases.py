"""The vocabulary of `dashboard.core.messages`: a small grammar of made-up text messages.

A line `= name` opens a rule, the lines below it are its phrases (` / ` separates short ones, an
indented line continues the one above). Inside a phrase `{rule}` stands for one phrase of that
rule, `[a|b|]` for one of its parts, `#` for a digit, `^` for a digit but 0, and `~` for a letter.

Everybody and everything here is invented. Phone numbers come from the ranges set aside for drama
(07700 900, 0808 157 0, 0909 879 0, 020 7946 0, 01632 960, and 555-01), links from domain names
reserved for examples.
"""

from __future__ import annotations

import random
import re
from collections.abc import Mapping, Sequence
from typing import NamedTuple, TypeVar

T = TypeVar("T")


def _rules(text: str) -> dict[str, tuple[str, ...]]:
    """Read rules from their text form."""
    rules = {}
    for block in ("\n" + re.sub(r"\n +", " ", text)).split("\n= ")[1:]:
        name, *lines = block.strip().split("\n")
        rules[name] = tuple(part for line in lines for part in line.split(" / "))
    return rules


def pick(options: Sequence[T], rng: random.Random) -> T:
    """One of the options; `rng.choice` may draw another in another version of Python."""
    return options[int(rng.random() * len(options))]


def expand(phrase: str, rng: random.Random) -> str:
    """Fill the slots of a phrase, from the innermost on; try not to say one thing twice."""
    while slot := _SLOT.search(phrase):
        options = _SLOT_RULES[slot[2]] if slot[2] else slot[1].split("|")
        part = pick(options, rng)
        if slot[2] and part in phrase:
            part = pick(options, rng)
        phrase = phrase[: slot.start()] + part + phrase[slot.end() :]
    return phrase


class Kind(NamedTuple):
    """Messages that look alike, and how people write them."""

    share: int
    """How many in a hundred messages of its class."""
    families: Sequence[Sequence[str]]
    framed: float
    """How likely each of a greeting, a second thought and a goodbye is."""
    habits: Mapping[str, float]
    """How likely each habit is, in the order of their turns."""


WORDS = _rules("""
= hi
hey / hi / hiya / hello / oi / hey you / hi love / hey mate / hi {name} / hey {name} / {name} /
  morning
hi hun / yo / hello stranger / evening all / {name}!! / hey hey / mate / alright mate / hi both
= bye
x / x / xx / xxx / xx / speak later / talk soon / anyway gotta go / hope you're ok x / love you /
  😊
ok gotta run / right, back to work / text me / speak soon x / don't wait up / 👍 / miss you x
= also
also / oh and / btw / anyway, / oh also / and / ps / oh before I forget, / unrelated but / one
  more thing,
= lol
lol / haha / 😂 / hahaha / ha / 😂😂 / lmao / 🙈 / 🤣 / hehe
= sad
:( / 😢 / ugh / 😩 / gutted / sigh / 😞 / not fair
= yay
yay / 🎉 / woohoo / so happy / 🥳 / finally!! / can't wait / 😍 / :) / buzzing
= name
Anna / Ben / Cara / Dev / Ella / Femi / Gwen / Harun / Isla / Jonas / Kemi / Leo / Maya / Nico /
  Orla
Priya / Quinn / Rosa / Sam / Tariq / Una / Vik / Wendy / Yusuf / Zoe / Callum / Bea / Dani / Ewan
Fay / Gio / Hana / Imran / Jess / Kit / Lena / Marcus / Nell / Otis / Pia / Ravi / Suki / Theo /
  Wes
Aisha / Bola / Chen / Dot / Emre / Freya / Gareth / Hattie / Ines / Josh / Kasia / Luca / Mo /
  Nadia
= rel
mum / dad / my sister / my brother / nan / grandad / auntie [Rosa|Hana|Dot|Wendy|Kemi|Bea|Lena] /
  my cousin / my mum / my dad
my uncle / the in-laws / your mum / your dad / your sister / {name}'s mum
= kid
{name} / the little one / our {name} / my niece / my nephew / your son / {name} / your daughter /
  my youngest
= children
the kids / the boys / the girls / {name} and {name} / everyone's kids / {kid} / {kid}
= edible
eggs / rice / cheese / garlic / chicken / tomatoes / bananas / oats / stale bread / lentils / a
  leek / kale
= day
Monday / Tuesday / Wednesday / Thursday / Friday / Saturday / Sunday
= month
January / February / March / April / May / June / July / August / September / October / November
December
= date
^ {month} / 1# {month} / 2# {month}
= clock
^ / ^ish / half [six|seven|eight|nine|three|two] / ^:30 / ^:15 / ^pm / quarter past ^ / ^.30
1[0|1|2] / noon / [4|5|6|7|8]:45 / quarter to ^
= slot
8am and noon / 9 and 10am / 1pm and 3pm / 2:15pm and 4:15pm / 10:00 and 11:00 / 12:40 and 13:40 /
  09:05 and 10:05
16:20 and 17:20 / 7am and 1pm / 11:30 and 13:30 / 14:10 and 15:10 / 3 and 5pm / 18:00 and 20:00 /
  8:45 and 9:45am
= exact
09:20 / 10:40 / 11:15 / 14:30 / 16:05 / 8:50am / 2:10pm / 3:45pm / 9:30am / 12:20 / 15:55 / 17:10
= when
tonight / tomorrow / on {day} / this weekend / later / after work / next week / tomorrow night
{day} night / {day} morning / tomorrow morning / at {clock} / around {clock} / {day} at {clock}
this afternoon / in a bit / at the weekend / first thing tomorrow / straight after school
= past
last night / yesterday / on {day} / this morning / earlier / the other day / at the weekend / last
  week
this afternoon / a while ago / on the way home / at lunch
= ago
last night / yesterday / this morning / the other day / last week / {day} / the weekend / last
  time / lunch
= then
tonight / tomorrow / {day} / {day} night / {day} at {clock} / the weekend / next week / {day}
  morning
= mins
5 mins / 10 mins / 15 mins / 20 minutes / half an hour / 2 mins / a minute / 25 min / an hour /
  ten minutes / three quarters of an hour
= food
pizza / curry / pasta / noodles / tacos / soup / roast chicken / fish and chips / burgers / sushi
  / salad
pancakes / chili / leftovers / lasagna / ramen / dumplings / jollof / kebabs / stir fry / toast
= drink
coffee / a pint / tea / a coffee / a drink / hot chocolate / brunch / a quick drink / wine / a
  cuppa
= item
milk / bread / eggs / bin bags / cat food / onions / toothpaste / washing up liquid / butter /
  bananas
coffee / cheese / loo roll / cereal / tomatoes / rice / nappies / light bulbs / stamps / yogurt
chicken / wrapping paper / batteries / oat milk / garlic / birthday candles / crisps / biscuits
= place
the station / the library / the pub / the sports hall / the park / the gym / the corner shop / the
  cinema
the bus stop / the usual place / that new cafe / the pool / the market / the car park / work / uni
the coffee place / the garden center / the hospital / {name}'s / mine / yours / the river / the
  museum
= thing
charger / umbrella / wallet / phone / rucksack / scarf / bus pass / water bottle / jacket
laptop / gym bag / lunchbox / passport / library book / blue cardigan / hoodie / spare key / drill
hairbrush / good pen / bike lock / notebook / watch
= clothes
the blue dress / the green jumper / those boots / a suit / my old trainers / the red coat / jeans
that shirt / a hat / the wedding shoes / a tie / the stripy top / dungarees
= gift
a plant / a scarf / socks / a book token / a mug / that candle / a board game / chocolates /
  flowers
earrings / a teapot / tickets / a jigsaw / a bottle of something / a cake tin / slippers
= present
the plant / the scarf / the socks / the book / the mug / the candle / the flowers / the chocolates
  / the jam
the teapot / the jigsaw / the lovely card / the cake / the baby clothes / the soup
= parent
mum / dad / nan / auntie [Rosa|Hana|Dot|Wendy|Kemi|Bea|Lena] / love / sis / boss / {name} / all
= weekday
Monday / Tuesday / Wednesday / Thursday / Friday
= city
Lisbon / Oslo / Athens / Vienna / Malaga / Dublin / Palermo / Bergen / Porto / Prague
= work
the report / the pitch / the invoice / the rota / the budget / the spreadsheet / the handover doc
the client call / stock take / the audit / the newsletter / the contract / the training / the
  draft
= boss
my boss / the manager / {name} from [accounts|sales|upstairs|HR|the other team] / the new guy
the client / head office / {name} / my supervisor / that woman from finance
= subject
chemistry / stats / history / maths / econ / biology / Spanish / law / physics / English / psych
geography / accounting / anatomy / coding / philosophy
= ill
a cold / a migraine / a bad back / tonsillitis / a temperature / a stomach bug / hay fever / an
  earache
a cough / the flu / toothache / a sore throat / a rash
= part
knee / back / ankle / wrist / shoulder / neck / foot / elbow / toe
= pet
the dog / the cat / {name}'s dog / next door's cat / the puppy / the kitten / our cat / the old
  dog / nan's dog
= show
that spy thing / the baking one / the zombie series / the documentary about octopuses / the new
  season
the quiz / that detective show / the final / the one with the twins / the hospital drama
= sport
football / five a side / badminton / netball / cricket / rugby / climbing / swimming / tennis /
  basketball
hockey / squash / bowls
= cash
£^ / £^# / £^0 / a tenner / a fiver / 20 quid / £^.50 / 40 quid / £1^0 / fifty quid
= trip
the train / the flight / the ferry / the coach / the night bus / the boat / the sleeper / my train
  / our flight
= excuse
the bus [didn't turn up|broke down|is crawling|was full] / traffic is [awful|mad|a joke|solid]
couldn't find [my keys|parking|a space|the place|a clean shirt] / train's
  [delayed|cancelled|stuck]
my alarm didn't go off / {boss} kept me talking / meeting [overran|went on forever] / missed the
  bus
had to go back for my {thing} / {kid} won't put [shoes|a coat] on / stuck behind a tractor
road's closed by {place} / queue is out the door / {pet} got out / fell asleep on the sofa
= why
I'm shattered / got {work} due / not feeling great / {rel} is visiting / no money til payday
promised {rel} I'd help / working late / got an early start / {kid} has {ill} / need to study
it's miles away / can't get a sitter / got a dentist thing / the car's in the garage / got {ill}
= mood
so tired / shattered / starving / bored out of my mind / freezing / knackered / hungover /
  stressed
full of cold / in such a good mood / dead on my feet / fed up / so proud / nervous
""")

BRIEF = _rules("""
= yes
ok / okay / ok cool / yep / yeah / yes please / sure / fine by me / sounds good / deal / will do /
  on it
perfect / yeah go on then / yes [mate|love|boss|chef|please x] / ok thanks / kk / ok x / yes! /
  yup
ok see you [then|there|in a bit|at {clock}|{when}|soon x|at {place}]
cool, {clock} [it is|works|then|is good for me]
yep [just|literally just] [leaving|left|parking|got here|sat down|paying|finished] [now|x|]
ok [will do|I'll ask|I'll check|I'll call you|I'll look|I'll bring it] [later|when I'm home|in a
  sec|{when}]
yes I [have|got|found|fed|paid|posted] [it|them|it already|it {past}] / yeah [go ahead|why
  not|same]
ok but [not too late|you're driving|only for an hour|bring {item}|I'm not cooking|you owe me]
yes {name} [told me|said|is coming too|has it|knows|is fine with it] / fine, {day} then
= no
no / nope / nah / not really / not yet / no idea / can't sorry / don't think so / no worries / no
  thanks
nah you're alright / no need / not {when}, [maybe|how about|what about] {day} / no sorry, {why}
no [it's|that's] [{name}'s|fine|next week|on {day}|in the car|too far|the other one]
can't {when}, {why} / nope, [still waiting|nothing yet|sold out|not here|still at {place}]
haven't [seen it|heard anything|asked her yet|had time|eaten yet|left yet] [sorry|tho|]
not my [turn|fault|problem|{thing}|thing really] [lol|sorry|] / no I'm [at {place}|in
  bed|driving|busy]
= react
lol / haha / hahaha / omg / what / no way / wow / aww / 😂😂 / nice one / oh no / oh god / so true
stop it / amazing / brilliant / well done!! / that's mad / oh {name} / typical {name} / haha
  classic
you're kidding / same here tbh / poor {name} / good luck x / proud of you / jealous! / ew / rude
that's so [funny|sweet|unfair|typical|weird|annoying] [lol|omg|tbh|haha|] / aww bless
  [him|her|them]
I [knew it|told you|can't even|give up|love that|doubt it|hope so|know right] / whatever / hmm /
  ...
[good|great|bad|sad|lovely|exciting] news about [{name}|the house|the job|{pet}|the baby|the scan]
= ask
where are you? / you up? / what time? / how long? / you ok? / who's this? / which one? / did you
  eat?
home yet? / what's the address? / you coming? / any news? / and? / since when? / says who? / how
  come
how did [it|the interview|{subject}|the scan|{sport}|the date|{day}] go? / is {name} with you?
have you [seen my|got my|moved my] {thing}? / what [day|time|platform|room|page] [is it|was it
  again]?
[need anything from|still at|back from|anywhere near] {place}? / did {name} [call|text|turn up|say
  yes]?
[fancy|want|feel like] {food} {when}? / you free {when}? / who [has|took|borrowed] [the|my]
  {thing}?
can you [talk|call me|pick up|open the door|hear me]? / is it [raining|open|far|on {day}|any
  good]?
what [are you|is {name}] [wearing|doing|bringing|making] {when}? / what's for [tea|dinner|lunch]?
= night
[good night|night night|night|sleep well|sweet dreams] [x|xx|love|{name}|xxx|darling|all|x x]
[good morning|morning|morning all|rise and shine|wakey wakey]
  [x|☀️|{name}|love|sleepy|team|everyone]
[going|off|time] to bed now, [early start|{mood}|speak {when}|night x|big day tomorrow|can't keep
  awake]
just woke up, [{mood}|what did I miss|is it {day}|how are you feeling|you still there]
= fix
*[their|there|tomorrow|meeting|can't|won't|train|home|your|you're|bread|{day}|{name}|soup|not|late|{food}]
sorry [autocorrect|predictive text|fat fingers|wrong chat|meant to send that to {name}|pressed
  send too soon]
ignore [that|my last text|that last one|{name}, she's] [sorry|meant for {name}|lol|haha|oops|wrong
  person]
[pocket dial|bum dial|didn't mean to call|{kid} had my phone] sorry / that was [{pet}|{kid}]
  typing [lol|]
= love
love you [loads|too|more|to bits|xx|always|and {kid}] / miss you [already|so much|too|loads
  x|both]
thinking of you [today|x|xx|all day|and your [mum|dad|family]] / can't stop smiling [x|{lol}|about
  {ago}|thanks to you]
you looked [lovely|great|so happy|nice|tired] {past} [x|😊|btw|, hope you're ok|]
wish you were [here|coming|home|with us] [x|{sad}|xx|, {mood}|, it's beautiful|]
""")

SHOUT = _rules("""
= angry
why do [you|they|people|you two] always [leave|do this|ignore me|cancel] [at the last minute|every
  single time|and expect me to fix it|then blame me]
[stop|please stop|will you stop] [calling|texting|shouting|moving my {thing}|leaving the door
  open|lying] [I'm at work|I mean it|I'm not in the mood|it's ^ in the morning|I already said no|]
I've been waiting [at {place}|outside|in the rain|here] for [an hour|40 minutes|ages] [where are
  you|and you don't even text|answer your phone|I'm going home|this is so rude]
who [ate my lunch|took my {thing}|finished the {item}|moved my bike|broke the good scissors|used
  my towel] [I'm not joking|own up|again|honestly this house|I had plans for that]
I'm [so angry|furious|so done|fed up] [with {boss}|with {name}|with this|right now] [they changed
  the rota again|he lied to my face|she read my messages|nobody ever listens|don't even]
don't you dare [tell {name}|eat my {food}|be late|wear my jacket|touch my {thing}|bring {name}]
this is the [third|second|fourth] time [this week|today] [he's|she's|they've] [cancelled|lost
  it|overcharged me] [unbelievable|I give up|what a joke|I want my money back|honestly]
= joy
[we won|I passed|I got it|she said yes|it's a girl|it's a boy|they said yes|I got in] [can't
  believe it|call me|tell everyone|I'm crying|come over|drinks on me|best day ever|{yay}]
it's [snowing|finally sunny|stopped raining|a rainbow, two of them] [get up|come outside|look out
  the window|{yay}]
[happy birthday|congratulations|well done] [{name}|mate|you|gorgeous|old man|superstar]
  [{yay}|have the best day|xx|]
= hurry
[hurry up|come on|get up|wake up|move it] [we're late|the bus is coming|they're here|it's
  starting|it's ^ already]
[don't|do not] [open the oven|come in yet|tell {name}|sit on the sofa, it's wet|drink the
  milk|press anything]
[call|ring] [me|{rel}|the school|home] [now|asap|as soon as you get this|right away], [it's about
  {name}|nothing bad|it's urgent]
""")

CHAT = _rules("""
= late
running [a bit|{mins}|really|so] late[, sorry|, {excuse}|. {excuse}| again, don't wait for me]
[sorry|so sorry] {excuse}, [be there in|I'll be|see you in] {mins}
going to be {mins} late, {excuse} [{sad}|start without me|save me a seat|order me {drink}|]
{excuse}. [can you|could you] [tell {boss}|keep my dinner warm|wait for me|let {name} know|save a
  seat]
still [on the bus|at work|in the shower|waiting for {name}|stuck at {place}], [don't|do not]
  [wait|hate me]
you said {clock}! [I'm standing outside like a lemon|it's cold|are you nearly here|where are you]
= arriving
[I'm|we're] [here|outside|at {place}|round the corner|in the queue|by the door], [can't see
  you|where are you|no rush]
[just|only just] [got in|parked|landed|got off {trip}], [see you in {mins}|meet by the big
  clock|it's chaos]
leaving {place} now, [home|with you|there] in {mins} [want anything|put the kettle on|x|depending
  on traffic|]
[which|what] [entrance|platform|floor|side] are you [on|at]? [I'm|we're] by [the toilets|the
  ticket machine|a fountain]
home safe [x|, thanks for the lift|, {pet} says hi|, that drive was horrible|. door was unlocked
  again btw]
= plans
[fancy|do you want|are you up for] {drink} {when}? [my treat|been ages|{name} might come|no
  pressure|]
are we still on for {then}? [I can drive|shall I book|I'm easy|{name} asked to come, is that ok|]
[{name} and I|a few of us|we] are [going to|meeting at|heading to] {place} {when}, [want to
  come|join us|you in?]
what are you up to {when}? [thinking|was thinking] of [{place}|{food} and {show}|doing nothing at
  all]
let's do [something|dinner|{drink}|a walk] {when}, I [need to get out|miss your face|have
  news|want all the gossip]
shall we say {clock} at {place}? [{name} can't do earlier|gives me time to change|or is that too
  late for you]
[who's|is anyone] [free|around|about] {when}? [need a fourth for {sport}|it's too nice to stay
  in|I'm bored|]
[we should|let's] [get the old lot together|have everyone over|do a proper catch up] before
  [{month}|Christmas|{name} moves], [I'll make {food}|pick a date|say yes]
[pub quiz|bowling|picnic|board games] {when}? [we need someone who knows {subject}|{name} is
  in|loser buys {food}|bring a blanket]
= cancel
can't make it {when}, {why}. [rain check|next week instead|so sorry|have fun without me|raincheck?
  x]
[really sorry|hate to do this] but [can we|could we] [move|push|rearrange] {day}? {why}
I'll have to [skip|miss|give] {sport} [a miss|this week|{when}]... {why}
think I'll [stay in|pass|sit this one out] {when}, {why} [{sad}|x|but say hi to {name}|]
{name} [has bailed|can't come|isn't well], so [it's just us|shall we cancel|there's a spare place
  {then}]
= dinner
what do you [want|fancy] for [dinner|tea]? [could do {food}|there's {item} and not much else|I
  vote {food}]
[dinner's|tea's] [in the oven|on the side|nearly ready|burnt|{food} again], [come down|help
  yourself|{lol}|sorry]
I made {food} [and it's actually good|way too much of it|but forgot the {edible}|, want me to save
  you some?]
shall I [pick up|order|get|bring] {food} [on the way home|for tonight|for us all|or are you
  cooking]?
had the best {food} [ever|{past}] at that [little place|stall|van] [by|near] [the station|the
  market|the river], we have to go
don't eat [the {food}|that {food}] in the fridge, [it's for {day}|it's {name}'s|it's been there
  since {day}]
trying to [cook|eat] less {food}, [day two|day one], [already dreaming of {food}|wish me
  luck|{mood}]
= groceries
can you [get|pick up|grab|buy] {item} [and {item}|, {item} and {item}|] [on your way|please|if you
  pass the shop|x|]
we're out of {item} [again|already|and {item}]. [did {name} eat it all|who finished it|can you get
  some]
at the shop, [do we need|have we got|did you want] {item}? [also|and] [no {item} left
  here|signal's bad in here]
they had no {item} so I got {item}, [hope that's ok|don't shout|it was half price|it'll have to
  do]
shopping list: {item}, {item}, {item} [and {item}|, {item} and something for {pet}|. think that's
  it]
£^.#0 for {item}!! [everything's so expensive now|daylight robbery|I put it back|what happened]
= family
{rel} [called|rang|phoned] {past}, [wants to know about {then}|sends love|says you never call|is
  doing better]
[when are you|are you] [coming|popping] [round|home|over]? {rel} [keeps asking|is making
  {food}|misses you]
{rel} [fell over|got locked out|got lost|went viral on the allotment] {past}, [all fine
  now|bless|don't ask]
had a lovely [chat|afternoon|lunch|walk] with {rel} {past}, [so good to see everyone|we looked at
  old photos]
did you [remember|forget] {rel}'s [birthday|anniversary]? [it's {day}|card's in the post|I signed
  it for you]
{rel} has learned to send [voice notes|gifs|emojis]. [pray for us|send help|{lol}|it never stops]
tell {rel} I'll [ring|pop round|bring {gift}|sort the {thing}] {when} [x|, promise|, been so
  busy|]
[sunday lunch|lunch] at {rel}'s {then}? [bring a pudding|{name} is coming too|eat beforehand, it's
  {food} again|no politics please]
= kids
[can you|could you] [pick up|collect|fetch|drop off] {children} {when}? {why}
{kid} [lost a tooth|won a race|learned to whistle|ate a pea|slept til 9|made you a card]
  [{past}|today] [{yay}|]
{kid} won't [sleep|eat anything green|get off the tablet|wear shoes|stop singing that song]
  [{sad}|help|{lol}|]
who's doing [bath time|the school run|bedtime|swimming] {when}? [I did {day}|I've got {work} to
  finish|please say you]
{kid} has [a party|a play date|{sport}|{ill}], [home by {clock}|so can't come|need a present|can
  you take them]
[parents evening|sports day|the school play|nursery] was [chaos|so sweet|long|hilarious], {kid}
  [cried|waved at me]
has {kid} got [a coat|the reading book|lunch|PE kit]? [left in a rush|found one on the
  stairs|school just rang]
[the kids are|the boys are|{name} and {name} are] [asleep at last|fighting over the tablet|covered
  in paint|eating {food}], [{mood}|peace|what time are you back|send {drink}]
= work
{boss} [wants|is asking for|needs|lost] {work} [by {clock}|by {day}|yesterday apparently|again]
[so much|loads] to do, [won't be home til {clock}|{work} is a nightmare|might cry|pray for me]
can you [cover|swap] [my|the] [{day}|late|early|morning] shift? [{why}|I'll owe you|I'd do yours
  {day}|]
[is|has] {work} [ready|done|gone out|been signed off]? {boss} [is getting twitchy|just asked|needs
  it by {clock}]
[meeting's|the meeting is] [moved to|now at|pushed to] {clock}, [room|floor] ^, [bring
  {work}|don't be late|]
[survived|just finished|still on] {work}, {boss} [said well done|didn't even read it|fell
  asleep|cried]
[handed in my notice|asked for a raise|got my review] [today|{past}], [feels good|no reply
  yet|fingers crossed|scary]
the [printer|coffee machine|heating|network] at work is [broken|down|on fire, sort of],
  [typical|sent home {yay}]
I left {work} on your desk, [page ^ needs a look|sign it please|have a read {when}|ignore the
  coffee stain]
[annual leave|day off|my holiday request] [got approved|is booked for {month}|was turned down
  again], [{name} has the same week|going nowhere near a screen|need to tell {rel}|thought as
  much]
new [rota|system|uniform|coffee machine] at work is [a disaster|actually fine|three weeks
  late|purple], [{boss} loves it|nobody was asked|give it a week]
= study
have you [started|finished|done|understood] the {subject} [essay|homework|reading|worksheet]? [I'm
  lost|]
{subject} [exam|test|deadline] is {day} and I [know nothing|haven't started|feel ok actually|can't
  find my notes]
[library|study group|revision] {when}? [need help with {subject}|I'll bring snacks|can't focus at
  home|]
the {subject} [lecture|seminar|class] was [cancelled|so boring|actually good|in the wrong room],
  [did I miss much|]
can I [borrow|copy|see|photograph] your {subject} notes? [was asleep|I was at the dentist|buy you
  {drink}|]
[word count is|I'm on] ^#0 [words|out of 2000], [send {drink}|this will be a long night|send
  help|halfway!]
prof says the {subject} [deadline|exam] [moved to|is now] {day}, [tell the others|{yay}|did you
  get the email]
= results
got my {subject} [result|grade|mark] [back|], [a B|^#%|passed|scraped a pass|better than I
  thought] [{yay}|phew|]
failed {subject} [again|by two marks|, resit is in {month}|, not even close] [{sad}|don't tell
  {rel}|oh well|]
passed my [driving test|theory|{subject} resit|grade ^ piano] [{yay}|first time|with one minor|at
  last]
failed my [driving test|theory] [{sad}|hit a cone|on the roundabout again|, third time lucky]
[they're|results are] out {when}, [feel sick|can't sleep|whatever happens we did our best|don't
  ask me]
[so proud of you|knew you could do it|told you so|well done {name}], [{drink} {when}?|{rel} would
  be too|you earned it]
= health
[still got|think I've got|{name} has|been in bed with] {ill}, [can't taste anything|staying away
  from people|{sad}]
how's [your|the|{name}'s] {part}? [still sore|did you see someone about it|mine's no better|keep
  it up on a cushion]
hurt my {part} [at {sport}|getting out of a chair|chasing {pet}|{past}], [{lol}|can't walk|it's
  purple]
the doctor said [it's just {ill}|rest it for a week|come back if it's worse|drink more water], [so
  that's that|phew]
[blood test|scan|physio] is {then}, [bit nervous|can you come with me|no food after midnight|wish
  me luck]
have you taken your [tablets|antibiotics|pills]? [with food remember|box is by the kettle|last one
  at {clock}]
not coming in today, [{ill}|been up all night|sounds like a seal when I talk], [tell {boss}|sorry
  to mess you about]
= travel
[just|finally] [landed|checked in|boarded|arrived], [it's [2|3]# degrees|hot|pouring|beautiful
  here], [call you {when}|{yay}|]
{trip} is [delayed|cancelled|packed|freezing|two hours late], [typical|stuck here til
  {clock}|eating crisps for tea]
what time does {trip} [leave|get in|land]? [I'll meet you|want me to fetch you|{rel} is asking|]
have you packed [yet|the charger|{kid}'s stuff|my {thing}]? [we leave at {clock}|can't shut the
  case|]
[thinking|dreaming] of [Italy|the coast|Lisbon|a cottage|camping] in {month}, [interested|you
  in|cheap then|]
the [view|beach|food|hotel pool] is [unreal|even better than the photos|amazing], [sending
  pics|you'd love it|never coming home]
the [room|beach|pool] is [smaller than the photo|shut|next to a building site], [{lol}|asked to
  move|still, sun's out]
got a window seat next to [a man with a violin|a crying baby|someone eating {food}], [{lol}|only ^
  hours to go]
= lift
[any chance of|could I get|can you give me] a lift [to {place}|home|to {sport}|on {day}]? [I'll
  chip in for petrol|]
[need|want] a lift {when}? [I've got room|leaving at {clock}|going past yours anyway|{name} is
  coming too]
thanks for [the lift|driving|dropping {children} off], [left my {thing} in your car|owe you
  {drink}|lifesaver]
[I can pick you up|I'll get you] [from {place}|at {clock}|after {sport}], [wait by the
  lights|don't forget the {thing}|]
= joke
what do you call [a bear with no teeth? a gummy bear|a fish with no eyes? fsh|cheese that isn't
  yours? nacho cheese] [{lol}|sorry|told by {kid}, aged ^|I'll see myself out|]
[just|literally] [walked into a glass door|waved at a stranger|called {boss} mum|replied all]
  [{lol}|mortified|help]
why did the [scarecrow get a prize? outstanding in his field|bike fall over? two tired|chicken
  join a band? drumsticks] [{lol}|{rel} is so proud of that one|good night everyone|]
{pet} [just|] [stared at me for an hour|fell off the sofa|stole my {food}|sat on the laptop],
  [king behavior|{lol}]
{name} [thought|just asked if] [penguins can fly|the moon is a star|{day} comes after {day}]
  [{lol}|bless|again]
my [step count|screen time|horoscope] says [I'm dead|go outside|avoid {name}|buy {food}]
  [{lol}|rude|fair]
= gossip
did you hear about {name} and {name}? [apparently|so] [they split up|they're engaged|she's moving
  in|it's over]
guess who I [saw|bumped into|sat next to] [at {place}|{past}]... {name}! [with a
  beard|pregnant|didn't say hi|aged well]
[don't tell anyone|between us|you didn't hear this from me] but {name} [is leaving|likes
  {name}|got the job|quit]
{name} [posted a photo|turned up|was seen] with {name} [{past}|at {place}], [thoughts?|I have
  questions|scandal]
so [{name}'s ex|the guy from {place}|that neighbor] [texted|blanked me|moved to Leeds|is getting
  married], [wild|{lol}]
what happened [{past}|after I left]? {name} [is being weird|won't say|says it was a mess|says ask
  you]
= thanks
thanks [so much|a lot|again|a million] for [{present}|having us|your help with
  {work}|listening|{present} and the chat|dinner {past}]
[you're a star|you're the best|can't thank you enough], {rel} [loved it|hasn't stopped
  smiling|says thank you]
[got|just opened|just found] {present} [from you|you sent|on the step], [you shouldn't have|love
  it|it's perfect|made my day|so thoughtful]
thank you for [lunch|coming|the lovely card|being there|sorting the {thing}], [my turn next|meant
  a lot|xx|]
= sorry
sorry [about|for] {ago}, [I was|shouldn't have been] [{mood}|a bit short with you|out of order|in
  a mood]
didn't mean to [snap|wake you|ignore you|upset {name}|miss your call], [been one of those
  days|phone was on silent|]
[I owe you an apology|was my fault|I was wrong], [can we talk {when}|forgive me?|{food} on
  me?|still friends?]
sorry [only just saw this|forgot to reply|been useless at texting], [how are you|yes to
  {then}|{why}]
= birthday
happy birthday [{name}|mate|lovely|gorgeous|you old thing] [{yay}|hope it's a good one|xx|, have
  cake for me]
what [does {name} want|shall we get {rel}|do you want] for [birthday|Christmas]? [thinking
  {gift}|no idea|not {gift} again]
[party|surprise do|birthday drinks|birthday tea] for {name} {when}, [bring wine|bring your singing
  voice|don't tell anyone|{place} at {clock}|shh]
thank you for the birthday [wishes|present|message|call|cake], [had a lovely day|feeling old|ate
  too much cake]
can you [chip in|put in] {cash} for {name}'s present? [got {gift}|collecting by {day}|no worries
  if not]
= lost
have you seen my [keys|glasses|headphones|good shoes]? [had them {past}|checked every pocket|late
  again|on my head weren't they]
have you [seen|got] my {thing}? [had it {past}|looked everywhere|think I left it at {place}|going
  mad here]
found [your|{name}'s|a] {thing} [in the car|under the sofa|at {place}|in {pet}'s bed], [want me to
  drop it off|phew]
[left|forgot] my {thing} [at yours|at {place}|on the bus], [can you check|could you bring it
  {when}|such an idiot]
locked out [again|{sad}|of the house|of my email], [who has a spare key|are you home|{rel} is
  asleep]
= owing
[I owe you|you owe me|does {name} owe you] {cash} [for {food}|from {ago}|for the tickets|for
  petrol], [remind me|]
can you [lend|spot|send] me {cash} til {day}? [payday soon|left my card at home|so
  embarrassing|I'll pay you back]
sent you {cash} for [{food}|the cab|{gift}|{past}|my half], [did you get it|check your
  account|thanks again]
[bill|total] came to £^#.#0, so [£1^|£^] each, [cash is fine|no rush|{name} paid|told you not to
  get dessert]
transfer [went through|hasn't arrived yet|bounced], [try again?|could be the weekend|will ring the
  bank {when}]
= home
the [boiler|washing machine|dishwasher|shower|oven] is [broken|leaking|making that noise|dead],
  [again|{sad}|landlord knows]
[whose turn is it|who's meant] to [do the bins|clean the bathroom|buy {item}|vacuum]? [not mine|I
  did {day}|just asking]
rent's due {day}, [can you send your half|{name} still hasn't paid|I've done mine|gas bill's on
  the fridge]
[plumber|electrician|landlord|man about the roof] is coming {when}, [will you be in|hide
  {pet}|tidy up please]
can you [keep it down|turn it down|not slam the door|water the plants|feed {pet}],
  [{why}|thanks|been a long day]
someone left [the window open|the oven on|{item} out all night|wet towels everywhere], [not naming
  names|{lol}]
= pets
{pet} [was sick|has fleas|ate a sock|isn't eating|is limping], [{sad}|vet at {clock}|what do I
  do|keeping an eye]
{pet} [escaped|brought in a mouse|is asleep on my {thing}|barked at a balloon] [again|{lol}|,
  can't move|, come and help]
[have you|has anyone] [fed|walked|seen|let out] {pet}? [crying at me|not home since {ago}|bowl's
  empty]
look at [his|her|that] [little face|paws|ears] [😍|{lol}|, who could be cross|, sending pics|when I
  said walk]
could you [mind|walk|feed] {pet} {when}? [away til {day}|I'll leave the key|there's cake in it for
  you|]
= weather
[it's|it is] [pouring|boiling|freezing|blowing a gale|snowing|so foggy] here, [what's it like
  there|{sad}|stay in]
take [an umbrella|a coat|sun cream|a hat], [rain by {clock}|it's colder than it looks|don't
  argue|forecast is bad]
[beach|park|barbecue|garden] {when}? [it's going to be [2|3]# degrees|last nice day|sun's
  out|bring a blanket|I'll bring ice]
got [soaked|drenched|splashed by a bus|rained on] [walking home|{past}|at {sport}|waiting for
  {name}], [of course|{lol}|{sad}]
= match
[did you see|did you watch|are you watching|who watched] the [match|game]? [robbed|what a goal|ref
  was blind|best in years]
[we lost|lost|beaten] [3-1|2-0|4-2|1-0] [again|away|in the last minute|on penalties], [{sad}|don't
  want to talk about it|ref was blind]
[we won|won|drew] [3-1|2-2|1-0|4-3] [at last|away|with ten men|on penalties], [{yay}|did you see
  {name}'s goal|voice has gone]
{sport} {when}? [we're one short|pitch is booked for {clock}|bring a light shirt|your {part} any
  better|]
{name} [scored|missed|got sent off|pulled a hamstring] [{past}|twice|in the warm up],
  [hero|{lol}|typical]
trials [are|start] {day} at {clock}, [bring boots|sub is {cash}|coach wants a word|park round the
  back]
= screen
are you [watching|up to date with|still on] {show}? [no spoilers|I'm on episode ^|can't believe
  {name} did it|so good]
[finished|gave up on|started] {show} {past}, [cried|what was that ending|overrated|stayed up til
  ^|need to talk]
[film|cinema] {when}? [{show} is on at {clock}|your turn to pick|I'll get popcorn|half price on
  {day}]
reading [that book you lent me|a thing about whales|{name}'s book], [can't put it down|lost on
  page ^#|is it all like this]
= gym
[gym|swim|run|yoga] {when}? [need a push|my {part} is ok now|class is at {clock}|I've eaten too
  many biscuits|]
did [^k|1^k|^# lengths|a class|legs] [today|{past}], [can't feel my {part}|new record|dying|very
  smug]
[signed up|training] for the [half marathon|charity swim|sponsored walk] in {month}, [regret it
  already|join me|{lol}]
[new|that] instructor is [brutal|lovely|about twelve], [couldn't sit down after|my {part} hates
  her|come next time]
= moving
[got the keys|moving in {day}|exchanged today] [{yay}|need boxes|can you help carry|can't believe
  it]
the [offer|sale|mortgage] fell through, [{sad}|back to looking|so much for {month}|need cake]
can {rel} [help|lend us the van|bring a drill] {when}? [wardrobe won't fit|building shelves|it's
  in ^# pieces]
painted [the hall|{kid}'s room|the kitchen] {past}, [looks like custard|used the wrong color|paint
  in my hair]
[viewing|saw] a place [near|by] {place}, [£^#0 a month|tiny but light|smells of cabbage|landlord
  seemed ok]
= car
car [won't start|failed its test|has a puncture|is making a noise], [garage says £^#0|can you jump
  it|getting the bus]
[got a parking ticket|someone hit my mirror|scraped the gate|ran out of petrol] [{sad}|don't tell
  {rel}|outside school]
where did you [park|leave the car]? [been round twice|which level|ticket runs out at {clock}|I've
  got bags]
roadworks [by|near] {place}, [go the back way|took {mins} to move|leave early|allow extra time
  {when}]
= party
[who's coming|are you coming|what time is it] {day}? [bring crisps|bring a chair|{name} is
  DJing|theme is pirates|wear {clothes}]
[great|brilliant|mad|quiet] night [{past}|], my [head|{part}|stomach] [hurts|is killing me|regrets
  it], [worth it|{lol}]
what are you wearing {day}? [I've got {clothes}|nothing fits|is it smart|need to borrow {clothes}]
[made it home|got home at ^|fell asleep in the cab|lost a shoe], [how's {name}|never
  again|{lol}|have you got my {thing}]
= clothes
[is it silly to wear|do you think I should wear|can I get away with] {clothes} [at a wedding|for
  the photo|to {name}'s thing|to an interview]? [be honest|sending a pic|all I've got]
tried on {clothes} {past}, [too small|don't tell {rel}|felt like a teacher|getting married in it
  now|changed my mind twice]
[have you got|can I borrow] {clothes} for {day}? [interview|{name}'s party|I'll wash it|only a few
  hours]
= interview
got the job [{yay}|start in {month}|they rang {past}|still shaking]
didn't get [it|the job], [{sad}|went to someone internal|they were nice about it|on to the next]
[second interview {day}|they'll let me know {when}], [eek|fingers crossed|trying not to think
  about it]
good luck [tomorrow|today|on {day}|with the interview|with the panel], [you'll smash it|wear
  {clothes}|just be yourself|call me after]
[applied|going] for that job at {place}, [pay's not great|{name} works there|closing date's
  {day}|can you read my CV]
first day [was fine|was long|done], [everyone's nice|forgot every name|no idea where the toilets
  are|shattered]
= dating
so I [met|had {drink} with|matched with] {name} {past}, [actually funny|talked about an ex all
  night|forgot my name|again {when}]
do you think {name} [likes me|is single|will text back]? [been ^ days|there was an x|left me on
  read|be honest]
had a [really nice|lovely|great] time {past}, [let's do it again|did you get home ok?|still
  laughing|your turn to pick next time|we should make it a habit]
{name} asked me [out|to dinner|to a wedding] [{yay}|what do I wear|said yes obviously|{lol}]
{name} [cancelled again|still lives with an ex|is late already|brought a friend along] [{lol}|red
  flag?|{sad}|going home]
= worry
are you ok? you [seemed quiet|looked {mood}|left early|didn't eat much] {past} [here if you want
  to talk|x|]
can I call you {when}? [nothing bad|need advice|bit of a rubbish day|it's about {rel}|just want to
  hear a voice]
[can't sleep|keep thinking about {ago}|feeling low|everything's a lot], [sorry to dump this|talk
  to me|it'll pass]
[hang in there|one day at a time|you've got this|it'll be ok], [come round {when}|I'm up if you
  need me|x|{food} helps]
any news [from|about] [{rel}|the hospital|the tests|the vet]? [been thinking of you|no rush to
  reply|hope it's good]
= music
[got|there are] tickets for [the gig|that band|the festival|the choir thing] on {date}, [{cash}
  each|want one|standing|]
listen to [this song|the new album|track ^], [on repeat|reminds me of {name}|sounds like a washing
  machine|so good]
band practice [{when}|moved to {day}|at mine], [bring the amp|{name} has {ill}|neighbors
  complained|learn the bridge]
= club
[committee|choir|scouts|book club|allotment|PTA] meeting is {day} at {clock}, [usual place|bring a
  chair|who's doing cakes]
can anyone [help|do the tea|run the stall|bring a table] {when}? [need two more|{name} has dropped
  out|only an hour]
minutes from {ago} are [on the board|in your email|done at last], [any changes by {day}|sorry for
  the delay]
[raised|we made] £^## [at the fair|on cakes|from the walk], [thanks everyone|amazing|new shed here
  we come]
= neighbors
your [alarm is going off|parcel's with us|gate was open|cat is on our roof|lights are on], [number
  ^#|pop round|]
[hi it's {name} from number ^#|it's {name} next door], [could you move the car|have you got a
  ladder|is your water off too]
bin day is [{day} this week|tomorrow|moved to {day}], [green ones|they missed ours again|bank
  holiday]
next door [are drilling|have a trampoline|got a cockerel|are singing] again, [it's ^am|send
  earplugs|{lol}|lovely people]
= tech
how do you [turn off the subtitles|print from this|mute the group|make it stop beeping|get the
  photos off the phone]? [{rel} is asking|tried everything|asking for a friend|]
internet's [down|so slow|back] [here|again|since {clock}], [is yours ok|turned it off and on|can't
  work|{sad}]
what's the [password|code for the gate|login for the tv] [again|]? [tried {pet}'s name|it says
  wrong|{name} changed it]
[phone|laptop|tablet] [died|is on ^%|fell in the bath|won't charge], [ring the house|got it in
  rice|text {name} instead]
photos [from {ago}|of {kid}|from the wedding] are [up|in the folder|so nice], [ask if you can't
  open it|love the one of {rel}]
= wrong
sorry who is this? [new phone|lost all my numbers|don't have you saved|I think you want someone
  else]
[wrong number|think you meant someone else|not {name} sorry], [hope you find them|no worries|had
  this phone for years]
this isn't {name}, [got this number last year|wrong person|asleep in the other room, who's
  this?|left the phone at mine|I'm the sitter]
= musing
do you ever [think about how weird {food} is|wonder why it's called {day}|feel like {pet}
  knows|wonder where all the socks go|dream about school]
[just|can't believe it's] [{month} already|been ten years|nearly Christmas|only {day}], [where
  does time go|{mood}|mad]
been [thinking|reading] about [what you said|moving|getting {pet}|going back to study|quitting],
  [talk {when}?|not sure]
[I miss|remember] [school|that summer|{rel}'s old house|being twelve|nan's {food}]... [simpler
  times|don't you|{sad}|]
I am {mood} [today|already|and it's only {day}|, how about you|, and {boss} just walked in]
= chores
can you [hang the washing out|take the chicken out the freezer|put the oven on|sign {kid}'s form]
  [before {clock}|x|please|]
don't forget [the bins|{rel}'s birthday|your {thing}|to lock the back door|to post that
  letter|{kid}'s at {place}]
[I've|have you] [paid the window cleaner|booked the vet|rung the school|sorted the insurance],
  [one less thing|it was {cash}|]
[prescription|dry cleaning|parcel|cake] needs picking up [by {clock}|{when}|from {place}], [can
  you|I can't, {why}]
= catch_up
sorry I've been quiet, it's been [mad|non stop|one thing after another] here. {kid} had {ill},
  then I had it, and {rel} [came to stay|had a fall|needed the car]. [how are you all|what's new
  with you|let's talk properly {when}]
so today I [missed the bus|spilled {drink} on my shirt|called {boss} love], [dropped my {thing} in
  a puddle|got to work to find it was shut|sat on {food}] and then [it started hailing|{name}
  asked if I was tired]. [tell me yours was better|going back to bed|{lol}]
the wedding was [lovely|so good|a bit mad]. {name} cried through the whole thing, {rel} danced
  with the vicar and the cake [fell over|was lemon|never turned up]. [wish you'd been there|will
  send photos {when}|my feet are in pieces]
long story but {name} [got the date wrong|forgot the tickets|locked us out], so we ended up
  [eating {food} on a wall|walking home in the rain|at {name}'s til ^], and honestly it was [the
  best night in months|quite fun|typical]
first week at [uni|the new place|the new job] and I've [met about fifty people|lost my {thing}
  twice|lived on toast]. my room [looks over a car park|smells of paint|is tiny but mine]. [tell
  {rel} I'm eating fine|miss {pet} most, no offense|come and visit]
the doctor was really kind, she [explained everything|had a proper look at it|took some blood] and
  said it's [probably nothing|just one of those things|to be expected], but they'll [scan it
  {when}|ring me {when}|see me again in {month}]. [so try not to worry|feel a lot better|don't
  tell {rel} yet]
= directions
come out of the station, turn left [at the bakery|by the church|after the bank] and it's the
  [blue|red|green] door [next to the dentist|past the second lights|opposite the school]. [ring
  the top bell|mind the step|shout if you get lost]
[we're at the back|look for the big umbrella|we got a table upstairs], go [through the bar|past
  the toilets|up the stairs], [can't miss {name}'s shirt|wave when you see us|bring me {drink} on
  the way]
park [behind the church|on the left|anywhere after ^pm], [the meter's broken|don't use the
  bays|it's free on {day}], then [walk down the lane|cut through the park] [about {mins}|til you
  see the bridge|and I'll meet you there]
key is [under the third pot|with number ^#|in the shed], alarm is [off|the usual], {pet} gets [one
  scoop|fed at {clock}|nothing, whatever they tell you], help yourself to [the {food}|anything but
  the {food}] [thank you so much|you're a hero|x|]
= recipe
how long do I [boil an egg|cook the chicken|leave the dough|do the {food}] for? [{rel} isn't
  picking up|it's gone a funny color|asking before I poison us]
fry the onions, add the [tomatoes|beans|leftover chicken], [cumin|a bit of chili|loads of garlic]
  and leave it {mins}. [can't go wrong|don't let {name} stir|that's it really]
what can I make with {edible}, {edible} and half [a cabbage|a lemon|a tin of beans]? [serious
  question|payday is {day}|shops are shut|asking for a friend]
= group
ok everyone, {day}: meet at {place} {clock}, [{name} is driving|bring cash for the boat|wear
  layers], back by [{clock}|dark|whenever {name} gets bored]. [shout if you can't make it|who has
  the {thing}|last one there buys {drink}]
so far for {day} it's me, {name}, {name} and [maybe|possibly] {name}. [anyone else|do we need a
  bigger table|who's got the tent]? need numbers by [tonight|{clock}|{day}]
can we please [stick to one chat|stop voting|decide]? it's [{place}|{food}] or [bowling|a
  picnic|mine]. [I don't mind which|{name} you choose|final answer by {clock}]
= nature
there's [a fox|a heron|a hedgehog|an owl] [in the garden|on the shed|by the bins], [come and
  see|been there an hour|{pet} is losing it|so beautiful]
the [roses|tomatoes|beans|sunflowers] are [out|huge|dead|taking over], [slugs got the rest|do you
  want some|{rel} says water more|proud of myself]
look at the moon [tonight|right now|if you can], [it's massive|orange|so clear here|made me think
  of you]
= opinion
[honestly|tbh|not being funny but] {food} is [overrated|better cold|not a meal], [fight me|you
  know I'm right|{name} agrees]
what do you think of the name [Wilf|Juno|Mabel|Otto|Biscuit]? for [the baby|the puppy|the boat|the
  band], [be nice|{rel} hates it|too much?]
should I [cut my hair|text {name}|take the job|get a tattoo|say something to {boss}]? [heads or
  tails|be honest|keep changing my mind|too old for it?]
would you rather [fight a goose|never eat {food} again|live with {name}] or [speak in rhyme|only
  wear green|get up at ^]? [settle an argument|{lol}|important]
""")

TRICKY = _rules("""
= about_spam
got [another|one of those] [text|message]s? [saying|about] [I'd won a prize|a parcel fee|my
  account being locked|a tax refund], [obviously a scam|deleted it|{rel} nearly clicked|don't fall
  for it|so annoying|fake as anything]
[is this|do you think this is] [real|a scam|spam]? it says [my bank card is blocked|I owe a
  delivery fee|I won a voucher|I'm due a refund] [and there's a link|and wants my card number|but
  I never ordered anything|but spells my name wrong]
tell {rel} [not to click|never to click|to delete] [any links|that parcel text|the bank
  one|anything about prizes], [they got {name} for £^00|it's a scam|ring me first|had three this
  week]
[apparently|lol] I've won [a cruise|£^000|a new phone] [in a draw I never entered|again], [shall
  we share it|blocked|how lucky]
[blocked|reported] [that|another] [loan|casino|prize|crypto] [number|text], [how do they even get
  our numbers|^ today]
{rel} got a text from "me" saying [I'd lost my phone|I had a new number and needed money], [wasn't
  me!!|told them to ring first]
work sent a fake phishing email and [half of us|{boss}|I] clicked the link, [so
  embarrassing|training {when}|{lol}|free cake my foot]
if you get a call from "the bank" [hang up|don't give them the code|ring the number on your card],
  [happened to {name} {past}|they sound so real|nan's had two]
why does the filter put [your emails|the school's emails|my own receipts] in spam and let [the
  loans|the prizes|the crypto guy] through [ugh|{lol}|every time]
= quote_spam
"[Congratulations! You have won a £^00 voucher, click to claim|URGENT: your account is suspended,
  verify now]" [- lol who falls for this|{lol} nice try|sure]
look what I just got: "[your parcel is held, pay £1.## now|you are pre-approved for a loan of
  £^000|claim your free prize today]" [is that you|never even ordered|straight in the bin|should I
  report it|{lol}]
"[Final notice: pay your toll today|Dear customer you are owed a refund of £^##.##|FREE entry, win
  cash now]" [I don't even drive|who writes these|{lol}|blocked]
[just had|{rel} got] a text: "[You have been selected for a £^000 prize|Your tax refund of £^##.##
  is ready|Hi mum I lost my phone]"... [as if|nearly believed it|delete delete delete|I don't even
  have kids]
my favorite today: "[Dear friend, I am a prince|Work from home, earn £^00 a day|We tried to
  deliver your package|Hot deals on tablets, no prescription]" [{lol}|number ^ this week|if
  only|tempted tbh]
new spam just dropped. "[Your SIM will be blocked|Free spins waiting|You are owed £^,000 for your
  accident]"... [what accident|I don't gamble|how original|please stop]
= raffle
[won|we won] [a ham|the raffle|a bottle of wine|third prize|a teddy the size of a car|£^0] at [the
  fair|bingo|the quiz|{kid}'s school] [{yay}|{lol}|again]
raffle [tickets|prizes] for [the fair|scouts|PTA], [£1 each|got any unwanted gifts?|first prize is
  a hamper|can you sell ten]
[quiz|bingo|poker] {when}? [prize is a meat hamper|winner gets free drinks|{cash} entry|we came
  last {past}|I feel lucky]
{name} won [£^0 on a scratch card|the cake competition|the office sweepstake], [buying the
  drinks|never shares|so smug]
did you enter that competition? [prize is a weekend away|closes {day}|need a slogan|just have to
  guess the weight of the cake]
{name} says we can win [tickets|a hamper|a holiday] if we [ring the radio|guess the song|collect
  ^0 tokens], [worth a go?|save your tokens|on hold now|never wins anything]
[first|second] prize in the [photo|baking|art|spelling] competition!! [{kid} is thrilled|£^0 book
  token|certificate on the fridge|tell {rel}]
= links
[photos are|album's|the recipe is|the list is|tickets are] here: {site} [x|, love the one of
  {rel}|password is {pet}'s name|]
[look at this|have a look at this|what about this one] {site} [{lol}|too small?|it's near
  {place}|{name} found it|for {kid}'s room]
[sign up|put your name down|vote] here for [the rota|cakes|{sport}|the date] {site} [by {day}
  please|thanks|takes a sec]
{site} [this is the place I meant|the {food} recipe|is this your {thing}|for {then}, what do you
  think|{lol}]
form for [the trip|sports day|the visa|the survey at work] is at {site}, [needs doing by
  {day}|took me two minutes|can you do yours|won't load for me]
[is this|was this] the one you meant? {site} [says sold out|£^0 with postage|looks dodgy but
  ok|ordering now]
= money_talk
[have you claimed|did you claim] [your expenses|the tax back on your uniform|that refund from the
  airline]? [got £^## back|easy|took ^ weeks]
[bank|building society] [says no to the loan|froze my card abroad|charged me twice], [{sad}|on
  hold for an hour|can you lend me {cash}|so embarrassing at the till]
the bank said yes to [the mortgage|our loan|moving the account] [{yay}|finally|, drinks {then}?]
[need|thinking of] a [loan|new credit card|cheaper phone deal], [what rate did you get|is yours
  any good|ask {rel}]
[won't be rich but|finally] got [a bonus|my deposit back|a pay rise|the grant] [{yay}|, £^00|,
  drinks on me|, going on bills]
{name} [put everything in crypto|says invest in gold|lost £^00 betting|is always on his trading
  app], [I can't even|worried tbh|{lol}]
[gas|electric|phone|insurance] [renewal's|bill's] gone up £^#, [shall we switch|ring them|cancel
  it|is yours the same]
[can you|did you] send me your account number and sort code [again|please|], [I'll pay you
  {when}|for {name}'s present|owe you {cash}]
[card got declined at the till|left my card at home], [so embarrassing|can you lend me {cash}|used
  my phone|bank says it's fine]
= selling
[is the|hi, is the] [sofa|bike|pram|desk|fridge|piano] still [for sale|available]? [could collect
  {when}|would you take £^0|cash ok]
[sold|selling] the [bike|sofa|tent|pram|guitar] for £^0, [want first refusal|free to {kid} if you
  want it|collect {when}]
free to a good home: [{pet}'s old bed|^ jam jars|a box of books|tomato plants|my sofa], [collect
  only|first come first served|anyone?]
[two for one|half price|free coffee|buy one get one free] [at the cafe|on pizzas|at the cinema]
  {when}, [go?|I've got the voucher|ends {day}]
= new_number
hi it's {name}, [this is my new number|got a new phone|new number], [save it|old one's dead|tell
  the others|ignore the old one] [x|]
hi {parent}, [my phone died|I've got a new number|using a friend's phone], [be home at {clock}|can
  you pick me up|tea at yours still?|x]
[phone got nicked|dropped my phone in the sea], [using my old one|new number is 07700 900###|email
  me|message {name} if urgent]
call me on [07700 900###|07700 900###|020 7946 0###] [when you're free|, other phone's flat out of
  charge|, it's {name}|after {clock}]
[plumber's|{name}'s|the surgery's] number is [07700 900###|020 7946 0###|01632 960###], [say I
  sent you|ask for {name}|]
= urgent
[urgent|quick one|important]: [what's {rel}'s shoe size|is it {day} today|which bin|cake or pie|do
  we own a ladder]
[call|ring] me [urgently|as soon as you can|back now please], [{kid}'s got a temperature|it's
  about {rel}|can't find the passports]
[last chance|final reminder|reminder]: [money for {name}'s present by {day}|rota closes {when}|who
  wants {food}|trip forms to me]
[congratulations|congrats] on [the baby|the new job|passing|the house|winning], [you deserve it|so
  pleased|{drink} soon?|what a year]
[free|are you free|anyone free] [for a call|to talk|for lunch|on {day}]? [quick question|nothing
  urgent|it's on me|got an offer to discuss]
claim your [seat|coat|lunchbox|child] from {place} [please|asap|by {clock}], [{name} is
  waiting|they're locking up|I can't hold it forever]
""")

NOTICES = _rules("""
= delivery
{courier}: your [{shop} order|parcel from {shop}] [will arrive|is due] [today|tomorrow] between
  {slot}. [Track: {site}|No need to sign.|Your driver is {name}.|]
Your {shop} [order|parcel] [has been dispatched|is on its way|left our depot]. [Expected
  {day}.|Follow it at {site}|Delivered by {courier}.]
{courier}: we [missed you|called but you were out]. Your parcel is [with your neighbor at number
  ^#|at the depot|in your safe place|in the porch].
{courier}: [delivered|left] [at {exact}|today] [to reception|to a neighbor|in your porch|behind
  the bin]. [Photo: {site}|Thanks!|Ref ~~####.]
Good news! Your parcel ~~###### is [out for delivery|arriving {day}]. [Change your delivery day at
  {site}|No signature needed.|]
= collect
{shop}: your order [is ready to collect|has arrived in store]. [Bring this text and ID.|We'll keep
  it until {day}.|Open until ^pm.] [Code ####|Order ~####]
Hi {name}, the [book|coat|lamp|kettle|part] you [ordered|reserved] is in. We're open [til ^|9-5]
  [and closed {day}|every day]. {shop}
{grocer}: [no {item} today, sorry|one item was swapped: {item}|we've had to substitute your
  {item}]. [You won't be charged.|Refuse it at the door if you like.]
= code
Your {bank} [security code|passcode|one-time code] is ######. [Never share it|Don't share it],
  [not even with us|we will never ask for it].
###### is your [{stream}|{telco}|{shop}|{bank}] [verification|login|sign-in|confirmation] code.
  [It expires in ^ minutes.|Didn't ask? Ignore this text.|]
Use [code|] ###### to [sign in|confirm your payment of £^#.## to {shop}|reset your
  password|register your new phone]. [Don't tell anyone.|Valid for 10 minutes.|]
{bank}: enter ###### to [approve|authorize] £^##.## at {shop}. [Not you? Call the number on your
  card.|Do not give this code to anyone.]
= bank
{bank}: [you've spent|card payment of] £^#.## at {shop} [on {date}|today]. [Balance £^##.##|Not
  you? Call the number on your card.|]
{bank}: your balance is [below £^0|£^##.## overdrawn|low]. [Pay in before 3pm to avoid a fee.|This
  is a text you asked for.|]
{bank}: did you just try to pay £^##.## at {shop}? Reply Y [if it was you|for yes] or N [if not|to
  block the card]. [We'll never ask for your PIN.|]
{bank}: [we've noticed unusual activity and paused your card ending ####|we declined a payment of
  £^## abroad]. [Please call the number on the back.|Open the app to confirm.]
{bank}: your [new card|statement|new PIN] is [in the post|ready to view in the app]. [Allow ^
  working days.|Never share your PIN.|]
{bank}: [salary|£^,###.##|payment of £^##.##] [received|paid in] [from {shop}|today|on {date}].
  [Ref ~~~####|]
= appointment
Reminder: [dentist|your appointment|eye test|hygienist] [on {day} {date}|{date}] at {exact}.
  [Reply YES to confirm|Call 01632 960### to change|Please arrive 10 minutes early]
{name}, your [physio|blood test|flu jab|check-up] is [on {date}|{day}] at {exact} with [Dr
  {name}|the nurse|our team]. [Text CANCEL if you can't come.|Bring a list of your medicines.|]
[Surgery|Clinic|Health center]: your [test results are normal|results are back, please call
  us|repeat is due for review]. [020 7946 0###|No action is needed.|Lines open at 8.]
You missed your appointment on {date}. [Please call 01632 960### to rebook.|Missed slots cost
  everyone time.]
Hi {name}, see you [tomorrow|{day}] at {exact} for [a cut and color|your nails|a massage|a fringe
  trim|a beard trim]. [24 hours notice to cancel please|Parking at rear] - {name} at {salon}
= pharmacy
Your prescription is [ready|ready to collect] at {chemist}. [Open til 6.|Please collect by
  {day}.|You don't need to reply.]
{chemist}: [one item is on order|we're out of stock of one item], [ready {day}|we'll text again].
  [Sorry.|Call 01632 960###.|]
= school
{school}: [school is closed today|the ^:30 bus is running late|no clubs after school
  {weekday}|Year ^ trip back at {exact}] [due to snow|due to staff illness|because of a burst
  pipe|].
{school}: please [send {kid} with a packed lunch|return trip forms by {day}|pay dinner money
  (£^#.##) by {day}|check for head lice]. [Thank you.|Office]
{school}: {name} was [marked absent|late] this morning. Please [call|text] the office [with a
  reason|on 01632 960###].
Dear parents, [photo day|sports day|parents' evening|the winter fair] is on {date}. [Book a slot
  at {site}|Full uniform please.|Cakes and raffle prizes welcome.] {school}
= library
{town} Library: [your loan is due {date}|an item you reserved is here|you owe £^.#0]. [Renew at
  {site}|Collect by {day}.|Thank you.]
Your library books are [overdue|due back {day}]. [Renew online or call 01632 960###|Fines are now
  10p a day.|]
= booking
[Your table|Table] for [2|3|4|6] at {cafe} is [confirmed|booked] for {day} at
  [6|7|8]:[00|15|30]pm. [Reply C to cancel|We hold tables 15 minutes.|See you then!]
{cafe}: [a table is free now|your table is ready|we're fully booked tonight, sorry]. [You have 10
  minutes to claim it.|Please come to the desk.|]
Booking ~~#### confirmed: [2 seats, row ~|1 adult, 2 children|hall hire], {date} {exact}. [Show
  this text at the door.|E-ticket: {site}|]
= transport
{rail}: the {exact} to {town} is [cancelled|delayed by [12|18|25|34|47] min|leaving from platform
  ^]. [Tickets valid on the next train.|Claim delay refunds at {site}|Sorry.]
Flight ~~### to {city}: [gate ^#, closes {exact}|boarding from {exact}|now departs {exact}, sorry
  for the delay|check-in is open, have your passport ready].
Your [cab|taxi|driver] [is outside|is ^ min away|has arrived]: [silver|black|blue|white] car, reg
  ~~## ~~~. [Fare about £^#.|Driver: {name}|]
= utility
{power}: we know about the power cut [in your area|in {town}]. [Back by {exact}.|Engineers on
  site.|Updates at {site}|Free help line 0808 157 0###]
{power}: [please send a meter reading by {date}|your bill of £^#.## is ready|your direct debit is
  changing to £^#|engineer due {weekday} between {slot}]. [{site}|Thank you.|]
{town} Council: [recycling is collected {weekday} this week|your permit expires {date}|road closed
  {date}|your vote: polls close at 10pm]. [{site}|Do not reply.|]
= phone
{telco}: you've used [80%|90%|all] of your data. [Renews {date}.|Text INFO to see your plan.|Top
  up in the app.]
{telco}: your [bill is £^#.##|direct debit leaves on {date}|top-up of £^0 is on your account].
  [Thanks.|Credit now £^#.##.|]
{telco}: [you have ^ new voicemails, dial 1-2-1|welcome abroad, calls cost 35p a minute|planned
  work in {town} tonight]. [Reply STOP to opt out|]
= refund
{shop}: we've refunded £^#.## [to your card|to card ending ####]. [Allow ^ days.|Sorry it didn't
  fit.|Order ~####.]
{shop}: [return received|thanks for your return], your refund of £^#.## [is on its way|will show
  by {date}]. [No need to do anything.|]
= renewal
Your {stream} plan renews on {date} at £^.99. [Manage it in your account.|To cancel, open
  Settings.|You'll get a receipt by email.]
{power}: your [boiler|car|pet] cover ends on {date}. [We've posted your renewal.|Call 0808 157
  0### to change anything.|Your price is the same.]
= employer
[Hi {name},|] {shop} rota: you're [on {day}, early|on {day}, late|off {day}|covering {name}
  {day}]. [Reply OK.|Swap by {day}.|Break at ^.] [- {name}|]
{name}, thank you for applying to {shop}. [Interview {date} {exact}, bring ID.|We'd like to offer
  you the job!|Sadly not this time.] [- {name}, HR|]
Payroll: [your payslip is ready|expenses of £^##.## approved|timesheets due by noon {day}]. [Log
  in as usual.|Thanks, {name}|]
= feedback
How was your [visit|delivery|order] [today|yesterday|last week|on {day}]? [Reply 1-5, 5 is
  great|Reply with a score from 0 to 10|Text us a word or two]. {shop}
Thanks for shopping with {shop}. [Your receipt: {site}|You have ### points.|Points balance £^.##.]
= charity
{town} Foodbank: [thank you for your £^0 gift|we're short of {item}|volunteers needed {day}].
  [Drop off til ^pm.|{name}]
{town} Blood Service: you can give again [from {date}|on {day}]. [Slots at {site}|Thank you for
  saving a life.|]
= club_notice
{town} [Swimming|Running|Chess|Rowing] Club: [no session {weekday}|AGM on {date}, all welcome|subs
  are due by {date}|trials moved to {exact}]. [Any questions ask {name}.|Thanks, {name}|]
[Yoga|Pilates|Spin|Pottery] with {name}: [class is full, you're 2nd on the list|a place has come
  up {day}, reply YES to take it|no class {day}, your credit is safe]. [Sorry!|See you soon!|]
= landlord
Hi all, [water will be off|window cleaners are coming|fire alarm test] [on {date}|{weekday} from
  9am to noon]. [Please move cars.|Sorry for short notice.|Thank you, building office]
Dear tenant, your [rent of £^#0 was received, thank you|inspection is on {date} {exact}|boiler
  service is booked for {weekday} between {slot}]. [Reply if this doesn't suit.|Regards, {name}|]
= weather_notice
Flood alert for {town}: [river levels are high|expect water on low roads] until {exact} [{day}|].
  [Avoid the bridge.|Move valuables upstairs.|Next update at 8pm.]
Your [ferry|event|match] on {date} [is off due to high winds|is going ahead]. [We'll refund you
  within ^ days, no need to call.|Wrap up warm.|Updates: {site}]
""")
BRANDS = _rules("""
= shop
Fennick & Dove / Larkspill Books / Tumblewick Toys / Brindlebox / Mossgarth Plants / Quaylethrush
Pockettmart / Greenhatchet / Oddsock & Daughters / Lampwickery / Bootle & Fern / Tinderby Home
= grocer
Pockettmart / Greenhatchet / Brackenfold Fresh
= bank
Harrowmere Bank / Pellbrook / Oxmere Credit Union / Tamwick Bank / Skellby Savings / Harrowmere
= courier
Zipwren / Hopperline / ParcelOtter / Postwhistle / Vandermole
= telco
Talkwren / Yonderphone / Mobellis
= stream
Viewlark / Kinopond / Streamtyde
= power
Embergill Energy / Wattleby Power / Clearbreck Mutual
= rail
Penmarsh Rail / Northfold Trains
= school
Hillcombe Primary / St Odo's / Marshgate High / Little Newts Nursery / Brackenfold Academy
= salon
Tangle & Snip / Willowplait / Curlew Lane Salon
= cafe
The Thirsty Pear / The Crooked Teapot / Bistro Fernhallow / Noodle Owl
= chemist
Marlpitts Pharmacy / Fernhallow Chemist / the High Street pharmacy
= town
Brackenfold / Penmarsh / Tamwick / Marshgate / Northfold / Hillcombe
= site
{host}/~~### / {host}/~#~## / {host} / https://{host}/~~#~ / {host}/^###
= host
go.example.com / pics.example.org / t.example / share.example.net / my.example.com / see.example
www.example.org / link.example / view.example.net
= prize
£^,000 cash / a £^00 {shop} voucher / a brand new phone / a holiday for two / a £^0 gift card /
  £^00
a new car / concert tickets / a luxury cruise / the {month} jackpot / a tablet / a 4K TV
= act
Click {bad} / Call 0808 157 0### / Call 0909 879 0### now / Text WIN to 07700 900### / Go to {bad}
Reply YES / Visit {bad} / call 020 7946 0### quoting ~~## / txt CLAIM to 07700 900### / Tap {bad}
Ring 0909 879 0### (£1.50/min) / see {bad}
= bad
{trap}/~~### / http://{trap}/~#~ / {trap} / http://{trap}/?id=#### / https://{trap} /
  http://{trap} / {trap}/~~~
= trap
claim-now.test / pay-fee.example / secure-login.test / win.example.com / rewards.example.net /
  my-parcel.test
verify-id.example / fast-cash.test / deals.example.org / redeliver.example / gov-refund.test /
  t.example
vip.example / account-help.example / go.example.com / quick.test / update-now.example /
  link.example
= casino
LuckyHeron / SpinBadger / Goldmagpie Casino / BetStoat
""")
SPAM = _rules("""
= winner
[Congratulations|CONGRATULATIONS|Congrats|WINNER!!|Good news] [{name}|customer|]! [your number was
  drawn for|you have been selected to receive|you're a winner of|your entry has won] {prize}. [To
  claim|Claim now:] {act}
[You have|You've|U have] won {prize}! {act} [before {day}|within 24hrs|today] [or it goes to
  someone else|T&Cs apply|18+|]
[FREE entry|Free entry] into our [weekly|monthly] [draw|competition] to win {prize}. {act}[, std
  rates|. To end text STOP|]
[2nd attempt|Final attempt|We tried to reach you]: {prize} is [unclaimed|still waiting for you].
  {act} [Claim code ~~##|Expires {date}|]
{name} you came [1st|2nd|3rd] in our [{month}|{shop}] draw, {prize} is yours. Reply with [full
  name and address|your bank for payment] [asap|today]
[Guess what|Psst|Hey], someone [with your surname|in {town}] won {prize} and [hasn't claimed|it
  could be you]. {act}
Dear {name}, our records show you [entered|subscribed to] our [weekly|spring|members'] draw and
  never collected {prize}. This is your [final|3rd and last] notice. {act} [or text STOP to be
  removed|Ref ~~####|]
{prize} has your name on it, {name}! Only [3|5|10] left, first come first served. {act} [18+|]
Today is your lucky day {name}. We [pick|choose] one number in {town} each week and yours won
  {prize}. {act}
= parcel_fee
{courier}: [your parcel|package ~~####] [is on hold|could not be delivered|is held at our depot]
  due to [an unpaid fee of £^.##|a missing house number|customs charge]. [Pay|Update|Settle] at
  {bad}
[Your item|Parcel] [~~#####|from abroad] is waiting [for delivery|at customs]. [Confirm|Please
  confirm] the [fee|payment] (£1.##) [here|now]: {bad} [or it will be returned|within 12 hours|]
We [missed you|came by today] but there was a [shipping|redelivery] fee to pay. [Reschedule|Book a
  new slot]: {bad} [- {courier}|]
[Sorry we missed you!|Delivery failed.] Driver {name} could not [find your address|fit it through
  the door]. [Rebook|Verify your postcode] at {bad}
Hello {name}, your {shop} parcel could not clear customs. A small charge of £2.## applies. Pay
  securely at {bad} to get it [tomorrow|by {day}]
{courier}: [last delivery attempt|your item goes back tomorrow]. [Address incomplete|Postage short
  by £1.##]. Fix it in 2 minutes {bad}
= bank_alert
{bank} [ALERT|SECURITY|Notice]: [a new payee|a new device|a payment of £^##.##] was
  [added|requested] [from your account|today]. If this was NOT you [visit|go to|cancel via] {bad}
[Dear customer|Dear user], your {bank} [account|card|online access] has been
  [suspended|locked|restricted]. [Verify|Confirm] your details [now|immediately|] at {bad}
{bank}: [we've noticed unusual activity|your card was used abroad]. [Call our fraud team on 0808
  157 0###|Log in to keep your money safe {bad}|Reply with the code we sent]
Your {telco} [bill could not be processed|payment failed|SIM will be blocked]. [Update your
  billing|Avoid charges] at {bad}
{bank} fraud team: do not ignore. [Move your money to the safe account we opened|Read us the code
  you receive] or call [020 7946 0###|0808 157 0###]
{bank}: a payment of £^##.## to [M {name}|{shop}] is pending. If you do NOT recognize it cancel at
  once: {bad}
For your safety {bank} has paused online access. To restore it confirm your name, card number and
  PIN at {bad} [Case ~####|]
You have (1) new secure message from {bank}. Sign in to read: {bad} [Failure to respond will limit
  your account|]
= loan
[Need cash|Short of money|Bills piling up|Bad credit]? [Borrow|Get] [up to|] £^,000 [today|in
  minutes], [no credit check|no guarantor|everyone accepted]. {act}
[You are|{name} you're] [pre-approved|approved] for a loan of £^,^00. [Funds in your account by
  {clock}|Sign to release]. {act}
[In debt|Struggling with debt]? [Write off up to 80%|New government scheme] [freeze interest|stop
  the calls]. [Reply HELP|Text DEBT to 07700 900###] [to qualify|free advice|]
Our records show you may be [owed|entitled to] £^,###.## for [the accident you had|mis-sold
  insurance|your old pension]. [Reply CLAIM|Call 0808 157 0###|Ring back now] [no win no fee|to
  opt out text STOP|]
Hi {name}, [it's payday every day with us|cash in your account within the hour]. Borrow £^00 till
  {day}, [bad credit ok|no paperwork|first loan free]. {act}
Last chance to claim for [the accident that wasn't your fault|charges on your old loan]. Average
  payout £^,###. Reply CLAIM or STOP to opt out
= gambling
[^0 free spins|£^0 free bet|100% bonus] [waiting|inside|just for you] at {casino}! [No
  deposit|Sign up today|Play now] {bad} [18+|T&Cs|]
{casino}: [your luck is in|we miss you|jackpot now £^##,000]. [Come back for|Deposit £10, get] £^0
  [free|bonus]. {bad}
[Sure|Guaranteed] [winners|tips] for [tonight|{day}], [9 out of 10|7 out of 8|all four] [came
  in|won] last week. [Join our VIP group|Text TIPS to 07700 900###] [£^ a week|first one free|]
{name}, your free £^0 bet [expires tonight|is waiting]. Back [the match|any horse|your team] on
  us: {bad} [18+ gamble aware|T&Cs apply]
I won £^,#00 at {casino} with one spin! New players get ^0 free. Join here {bad}
= ringtone
[Get|Grab|Download] the [latest|hottest] [ringtone|wallpaper|game]s [free|for your phone]! [Text
  TONE to|Call] 0909 879 0### [£1.50/wk|£3 a week til you text STOP|150p per msg]
Your [free tone|weekly joke|horoscope|star sign report] is [ready|waiting]. Reply [YES|GO|PLAY] to
  [listen|get it] [cost £^.50|£1.50 per msg|] [STOP to cancel|]
[Someone you know|A secret admirer|Someone nearby] [likes you|has a crush on you|sent you a voice
  message]. [Find out who:|Hear it:] call 0909 879 0### [£1.50/min|18+ only|]
{name}, ^ [singles|local singles] in {town} want to [chat|meet for coffee]. [See their
  photos|Reply CHAT|View]: {bad} [free to join|18+|]
Hey it's {name} from [the chat line|the late line], I'm [bored|free] tonight. Call me on 0909 879
  0### [£1.50 per min|calls cost £2/min ask bill payer]
Your mobile is due [a new ringtone|5 new games]. Text PLAY to 07700 900### [first free then
  £3/wk|only £1.50|to unsub reply STOP]
= invest
[Turn|Make] £^00 into £^,000 [in a week|by {day}] with our [crypto|trading|gold]
  [bot|app|signals]. [Limited places|No experience needed|Guaranteed]. {bad}
[Retire early|Passive income|Financial freedom]: [our members|{name} from {town}] made £^,###
  [last month|from home]. [Join free|Ask how|Start today] {bad}
[New coin|This token] is up ^##% [today|since {day}], [early investors only|presale ends {date}].
  [Get in|Buy] before [everyone else|it's gone] {bad}
Your crypto wallet [has been credited with|holds] ^.## coins worth £^#,###. [Withdraw|Log in] at
  {bad} [user ~~### pass ####|today only|]
{name}, your trading account shows a profit of £^,###. Withdraw before {day} or it is reinvested:
  {bad}
I went from [driving a van|two jobs|debt] to £^,000 a month thanks to [one app|this system]. The
  video comes down tonight {bad}
= jobs
[Work from home|Part time job|Easy online job], £^0-£^00 [per day|a day], [only ^ hours|no
  experience needed|paid daily]. [Text JOB to|Message] 07700 900### [now|to start|]
[Hi|Hello|Dear {name}], [our HR team|a recruiter] saw your CV. [Rate products|Like videos|Review
  hotels] and earn £^## [daily|a week]. [Reply YES|Contact {name} 07700 900###|Apply {bad}]
[Urgent|Now] hiring: [mystery shoppers|parcel agents|data entry], [earn|get] £^00 [weekly|a week]
  [age 22+|no interview]. {act}
Hiring ^0 people in {town}: pack [candles|envelopes|pens] at home, £^00 a week, no experience.
  Small starter kit fee. {act}
{name} your application was approved! Earn up to £^00 daily by [clicking ads|testing apps].
  Contact our manager 07700 900### to start today
= tax
[Tax Office|Revenue Dept|Gov Refunds]: you [are due|are owed|have] a [tax refund|rebate] of
  £^##.##. [Claim|Submit your details] at {bad} [by {date}|before it expires|]
[Final notice|WARNING|Last warning]: [you owe unpaid tax|toll charge of £^.## is unpaid|penalty
  notice ~~####]. [Pay now|Avoid court] {bad} [or call 020 7946 0###|]
You [qualify for|have not claimed] your [energy grant|cost of living payment|£^00 bill discount].
  [Apply|Check] at {bad} [limited funds|ends {date}|]
You are eligible for [a council tax|an income tax|a fuel] rebate of £^##.## for the year. Submit
  the form with your card details at {bad}
[A warrant|An arrest order|A court summons] [will be issued in your name|has been filed against
  you] for unpaid [tax|duties|penalties]. To [stop this|settle] call 0808 157 0###
  [immediately|and press 1|and quote ~~###]
= subscription
Your {stream} [membership|subscription] [has expired|will be cancelled|payment was declined].
  [Update your card|Restart] at {bad} [within 24 hours|to keep watching|]
[Thank you for renewing|Your order:] [virus protection|antivirus plan|tech support], £^##.99
  [charged today|will be taken today]. [Not you? Call|To cancel call] 0808 157 0### [within
  24hrs|for a refund|]
[Warning|ALERT]: [3|4|6] viruses [found on|detected on] your phone. [Clean it now|Install our
  cleaner] {bad} [before data is lost|free scan|]
Your free trial of {stream} has ended and £^9.99 will be taken monthly. Cancel here {bad} [within
  12 hours|before {date}]
Your phone storage is full and photos will be deleted on {date}. Upgrade free at {bad}
= survey
[Answer [3|4|5] quick questions|Take our [2|3] minute survey] and get a £^0 {shop} [voucher|gift
  card] [free|on us]: {bad} [limited offer|while stocks last|]
{shop}: as a [loyal|valued] customer you've [earned|been chosen for] a [mystery box|£^00 gift
  card]. [Only pay postage|Tell us what you think] {bad}
Hello! You have been chosen to test [an air fryer|a vacuum|a coffee machine] and keep it. Just
  fill in ^ questions {bad}
{name}, rate your last visit to {shop} and we'll send a £^0 gift card. Only ^ left today {bad}
= marketing
[Hi|Hello], [I looked at your website|your site is not on page 1]. We [guarantee top ranking|build
  links|bring ^00 leads a month] [from £^9|free audit]. [Interested?|Reply YES|{bad}]
[Followers|Likes|5-star reviews] [for sale|cheap]! ^000 for £^.99, [real people|delivered today].
  {bad} [promo ~~##|]
[SALE|Huge sale|Flash sale]: [designer watches|sunglasses|handbags] [up to ^0% off|from £^9],
  [today only|last few]. [Shop|Order] {bad} [optout STOP|]
[Solar panels|New windows|Boiler|Stairlift] [at no cost|half price] in {town}! [Govt scheme|Last
  homes]. [Reply YES|Call 0808 157 0###] [for a free quote|before {date}|]
[Upgrade|Free upgrade]: as a {telco} customer you get [the latest phone|double minutes|a camera
  phone] [free|at no cost]. [Call|Ring] 0808 157 0### [now|ref ~##|]
Hi, I'm {name}. I design websites from £^9 and your competitors are ahead of you on search. Shall
  I send a free quote? {bad}
VIP members only: [perfume|handbags|phones] at trade prices, free shipping over £^0. {bad} reply
  STOP to opt out
Is your boiler over ^ years old? You may get a new one free. Reply [BOILER|YES] [and your
  postcode|for a call back] or STOP
= pharma
[Cheap|Discount] [tablets|meds|medicines] [no prescription|no doctor needed], [next day|discreet
  packaging]. [Order|Save ^0%] {bad}
[Lose|Drop] 1# [lbs|pounds] in ^ weeks with [our tea|the miracle gummy|this patch]! [Free
  trial|Buy 1 get 2 free], {bad} [just pay postage|]
[Hair loss|Bad sleep|Sore joints]? [Doctors hate|Try] this [one trick|natural pill], ^0% off
  [today|til {day}]. {bad}
Refill reminder: your [sleep|diet|energy] tablets are ^0% off and no prescription is needed. Order
  {bad} [free shipping|]
Feel 20 again! Our natural drops [melt fat|boost energy|fix your knees] or your money back. {bad}
  [today only ^0% off|]
= holiday
[You've been picked|Claim your place]: [5-night cruise|free weekend in the sun|holiday for two]
  [worth £^99|all inclusive]. [Call 0808 157 0###|{act}] [just pay taxes|]
[Cheap|Last minute] [flights|tickets] from £^9! [Sold out gigs|All dates], [secure yours|book now]
  {bad} [few left|]
Hello {name}, you qualify for ^ nights in the sun for two, flights free, worth £^00. Just attend
  our short talk. {act}
= appeal
[Urgent appeal|Please help]: [children|animals|families] need you [tonight|now]. [Donate £^|Send
  £^0] at {bad} [every minute counts|God bless|]
[Dear friend|Greetings], I am [a widow|a lawyer|the manager of a bank] [abroad|with £^m to share].
  [You are named in a will|I need an honest person]. [Reply|Write to] me
  [privately|{name}@example.com|today]
Hello, I am {name}, seriously ill and wish to leave my £^,000,000 to a good person. Please reply
  with your full name and address. God bless
Flood victims need you now. Text GIVE to 07700 900### to donate £^ [each month|today], or pay by
  gift card at {bad}
""")

SOFT = _rules("""
= new_number_scam
[hi|hey|hello] [mum|dad|mum it's me|dad it's me], [my phone broke|I dropped my phone|I've lost my
  phone|my phone went in the toilet], [this is my new number|texting from a friend's|using this
  one for now]. [can you text me back|message me here|are you free|save it please]
[mum|dad|hi nan] [are you there|are you busy]? [can't get into my banking on this phone|I'm locked
  out of my account] and [need to pay someone today|have a bill due], [could you send it for
  me|can you help|I'll give it back {day}]
it's me, [your favorite child|your eldest|guess who], [new number|on a new phone]. [don't ring,
  the mic is broken|delete the old one]. [need a favor|can you do something for me]
[hi mum|hi dad|hello grandma], [smashed my screen|phone is in for repair], [temporary number|so I
  am on this number]. [reply as soon as you can please, it's urgent|text me when you see this]
hello {name}, it's your [cousin|niece|old neighbor], I [changed my number|am stranded abroad|am
  stuck at the airport]. [can I ask you for something|I need a small favor|don't tell the family
  yet]
= wrong_opener
[hi|hello] [is this|am I speaking to] {name}? [it was lovely meeting you|we met|I got your number]
  [at the riding club|at the wine tasting|at the charity dinner|on the flight]. [are you still in
  the city|shall we meet again|how have you been]
[sorry|oh sorry], I [have the wrong number|mistook you for my assistant|was looking for my yoga
  teacher], [but you seem kind|but nice to meet you|maybe it is fate]. [what's your name|where are
  you from|I'm {name}]
[hello dear|hi dear|hello my friend|good day dear], [how is your day|how are you today|hope you
  are well]. [I saw your profile and|you look kind and] I would [love to know you better|like us
  to be friends]. [I am {name}|I work overseas|kindly reply]
{name}, [the driver is at the airport|did you book the golf for {day}|is the horse better]? [this
  is {name}|did I get the wrong person, so sorry|my secretary gave me this number]
= boss_scam
[hi {name}|hello|hey], it's [{name}|{name} from head office|your manager|the director], [I'm in a
  conference and can't talk|I'm stuck in a meeting]. [are you at your desk|need you to do a quick
  task|can you do something for me discreetly]
[can you|could you|I need you to] [buy some gift cards|pick up a few gift cards] for [the client|a
  colleague|the team], [keep it a surprise|send me the codes on the back|I'll reimburse you]
[are you available|are you free], I need [a favor|a quick task done] [before my meeting
  ends|quietly], [don't call just text|it's about gift cards for the staff]. [thanks|regards,
  {name}]
{name}, are you busy? I need [a payment made|an invoice settled|some cards bought] before
  [noon|the board meeting|I land], [I can't take calls|keep this between us]. [regards|thanks],
  {name}
= soft_job
[hi|hello] {name}, [are you looking for|would you like|are you interested in] [extra
  income|flexible work|a side job] [from home|in your free time]? [just a phone needed|I can
  explain more|my team pays daily]
[hello|hi], I'm {name} from [a recruitment agency|the hiring team], [your background impressed
  us|we have an opening]. [can I tell you more|may I share the details|it is remote, you choose
  the hours]
[hello|good day], [we reviewed your profile|your resume was recommended], [earn from home|flexible
  hours, good pay], [kindly reply if interested|reply and I will share details]
[looking for|we need] [reliable people|a few people|mums and students] to [work from home|rate
  hotels|like videos] [in the evenings|for an hour a day], [good pay|paid daily],
  [interested?|reply for details]
= soft_invest
[my uncle|my mentor|a friend of mine] [taught me how to trade|showed me a way to earn from
  home|explained digital coins to me] and [I paid off my house|it changed my life|I never looked
  back]. [can show you if you want|ask me how|happy to teach you]
have you [ever thought|thought] about [investing|growing your savings]? [I earn more in a week
  than in a year at work|my teacher gives trading signals], [I'll add you to the group|you only
  start small]
[hello|dear friend], [our trading group|my teacher] [made big profits again|has a new signal]
  {past}. [are you ready to earn|reply to join|small investment is enough]
I was [poor|in debt|skeptical] like you until [my teacher|a kind lady|{name}] showed me
  [trading|coins|the market]. [now I help others|I can introduce you|reply if you want to change
  your life]
= seller_scam
[hi|hello], is the [sofa|bike|fridge|desk] [still available|in good condition]? [I'm away but my
  courier will collect|I will pay extra to hold it], [send your bank details|I'll send the money
  with the driver|what's your email for payment]
[I have paid|payment sent] for the [sofa|bike|desk], [but it is on hold|the bank needs you to
  confirm]. [kindly refund the extra to my courier|send your card details to release it]
hello, I am interested in your [flat|room|car|puppy]. I am [abroad|at sea|on a contract] so cannot
  view, [I will send the deposit today|my agent will bring the money]. [send me your full name and
  account|kindly remove the advert]
= soft_loan
[hello|hi], do you need [financial help|a quick loan|someone to clear your debts]? [we
  understand|I can help|no questions asked], [just reply|message back|talk to an adviser]
[hi it's {name}|{name} here], [following up on|about] [your accident claim|your claim|your
  pension], [the money is still waiting|we just need your bank details], [please reply|reply to go
  ahead]
= psychic
[dear one|{name}], I [had a vision of you|saw your name in the cards], [great wealth is
  coming|someone is jealous of you]. [reply for your reading|reply before the full moon|I must
  tell you more]
{name}, the [stars|cards|angels] have a message [for you|about your money|about someone you lost].
  [it cannot wait|reply and I will read it for you|only you may see it]
= pass_on
[send this to|forward this to|share this with] [ten friends|everyone you love|all your contacts]
  [or lose your luck|and a blessing comes {when}|and your phone gets free credit], [it really
  worked for me|don't break the chain]
""")

AMERICAN = {
    "bank holiday": "holiday",
    "a tenner": "ten bucks",
    "a fiver": "five bucks",
    "for tea": "for dinner",
    "tea's": "dinner's",
    "the bins": "the trash",
    "bin bags": "trash bags",
    "bin day": "trash day",
    "washing up liquid": "dish soap",
    "loo roll": "toilet paper",
    "car park": "parking lot",
    "mum": "mom",
    "nan": "grandma",
    "grandad": "grandpa",
    "quid": "bucks",
    "mate": "dude",
    "petrol": "gas",
    "cinema": "movies",
    "queue": "line",
    "crisps": "chips",
    "biscuits": "cookies",
    "nappies": "diapers",
    "jumper": "sweater",
    "trainers": "sneakers",
    "pub": "bar",
    "uni": "college",
    "maths": "math",
    "lift": "ride",
    "knackered": "exhausted",
    "gutted": "so bummed",
    "postcode": "zip code",
    "holiday": "vacation",
    "rubbish": "bad",
    "sitter": "babysitter",
    "rota": "schedule",
    "10p": "10 cents",
    "35p": "35 cents",
    "150p": "$1.50",
    "07700 900###": "555-01##",
    "020 7946 0###": "555-01##",
    "01632 960###": "555-01##",
    "0808 157 0###": "614 555-01##",
    "0909 879 0###": "310 555-01##",
}
"""British wording with its American twin: a part of the writers are American."""

SHORTER = {
    "you": "u",
    "are": "r",
    "your": "ur",
    "you're": "ur",
    "see": "c",
    "tomorrow": "tmrw",
    "tonight": "2nite",
    "please": "pls",
    "thanks": "thx",
    "about": "abt",
    "want": "wnt",
    "before": "b4",
    "great": "gr8",
    "later": "l8r",
    "for": "4",
    "to": "2",
    "be": "b",
    "and": "n",
    "people": "ppl",
    "really": "rly",
    "message": "msg",
    "text": "txt",
    "have": "hav",
    "good": "gd",
    "weekend": "wknd",
    "something": "smth",
    "anyone": "any1",
    "someone": "sum1",
    "love": "luv",
    "night": "nite",
    "just": "jst",
    "back": "bk",
    "from": "frm",
    "what": "wot",
    "don't": "dont",
    "birthday": "bday",
    "minutes": "mins",
    "why": "y",
    "morning": "mornin",
}
"""What people in a hurry write instead."""

DODGED = {
    "free": "fr33",
    "account": "acc0unt",
    "claim": "c1aim",
    "cash": "ca$h",
    "loan": "l0an",
    "refund": "ref und",
    "now": "n0w",
    "win": "w1n",
    "won": "w0n",
}
"""How spammers spell words that filters look for."""

MARKS = {"#": "0123456789", "^": "123456789", "~": "ABCDEFGHKMPRTWXZ"}

_SLOT = re.compile(r"\[([^\[\]]*)\]|\{(\w+)\}")
_SLOT_RULES = {**WORDS, **BRANDS}

_THUMBS = {
    "loosen": 0.4,
    "capitalize": 1.0,
    "stop": 0.3,
    "shorten": 0.18,
    "lower": 0.4,
    "slip": 0.15,
    "upper": 0.015,
}
_OFFICE = {"capitalize": 1.0, "slip": 0.02, "lower": 0.03}
_ANGER = {"loosen": 0.5, "capitalize": 0.8, "excite": 0.3, "upper": 0.5}
_LOUD = {
    "capitalize": 1.0,
    "excite": 0.12,
    "dodge": 0.07,
    "shorten": 0.1,
    "slip": 0.06,
    "upper": 0.06,
    "lower": 0.06,
}
_HAM = (
    Kind(64, tuple(CHAT.values()), 0.16, _THUMBS),
    Kind(10, tuple(BRIEF.values()), 0.02, _THUMBS),
    Kind(2, tuple(SHOUT.values()), 0.0, _ANGER),
    Kind(8, tuple(TRICKY.values()), 0.0, _THUMBS),
    Kind(16, tuple(NOTICES.values()), 0.0, _OFFICE),
)
_SPAM = (
    Kind(12, tuple(SOFT.values()), 0.0, _THUMBS),
    Kind(88, tuple(SPAM.values()), 0.0, _LOUD),
)
KINDS_OF_HAM = tuple(kind for kind in _HAM for _ in range(kind.share))
"""The kinds of messages among friends and from real shops, each as often as its share."""
KINDS_OF_SPAM = tuple(kind for kind in _SPAM for _ in range(kind.share))
"""The kinds of spam, each as often as its share."""

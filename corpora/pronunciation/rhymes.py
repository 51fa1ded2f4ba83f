"""English words of one syllable by their rhymes, and some longer ones, with their sounds.

A line of `RHYMES` is a spelling, its sounds after the colon, and after the next colon what stands
before it in the words; `-` is nothing. `ONSETS` says how that is spoken; where a word differs, the
sound follows `=`, none where it is silent.
"""

from __future__ import annotations

ONSETS = {
    "b": "B", "bl": "B L", "br": "B R", "c": "K", "ch": "CH", "cl": "K L", "cr": "K R", "d": "D",
    "dr": "D R", "f": "F", "fl": "F L", "fr": "F R", "g": "G", "gl": "G L",
    "gr": "G R", "h": "HH", "j": "JH", "k": "K", "kn": "N", "l": "L", "m": "M", "n": "N", "p": "P",
    "ph": "F", "pl": "P L", "pr": "P R", "qu": "K W", "r": "R", "s": "S", "sc": "S K",
    "scr": "S K R", "sh": "SH", "shr": "SH R", "sk": "S K", "sl": "S L", "sm": "S M", "sn": "S N",
    "sp": "S P", "spl": "S P L", "spr": "S P R", "squ": "S K W", "st": "S T", "str": "S T R",
    "sw": "S W", "t": "T", "th": "TH", "thr": "TH R", "tr": "T R", "tw": "T W", "v": "V",
    "w": "W", "wh": "W", "wr": "R", "y": "Y", "z": "Z",
}  # fmt: skip

RHYMES = """
ab: AE B: c cr d dr f g gr j l n sc sl st t
ack: AE K: b bl cr h j kn l p qu r s sh sl sm sn st t tr wh
act: AE K T: - f p t tr
ad: AE D: - b cl d f gl h l m p r s
ade: EY D: f gr j m sh sp tr w
aft: AE F T: cr d dr gr r sh
ag: AE G: b br dr f fl g l n r s sn st t w z
age: EY JH: c p r s st w
aid: EY D: br l m p r
ail: EY L: b f fr h j m n p qu r s sn t tr w
ain: EY N: br ch dr g gr l m p pl r sl spr st str tr v
air: EH R: - ch f fl h l p st
aint: EY N T: f p pl qu s t
ake: EY K: b br c dr f fl l m qu r s sh sn st t w
ale: EY L: b d g h k m p s sc st t v wh
all: AO L: - b c f h m sm squ st t w
alk: AO K: ch st t w
am: AE M: cl cr d gr h j r scr sh sl sw tr y
ame: EY M: bl c d f fl fr g l n s sh t
amp: AE M P: c ch cl cr d l r st tr
an: AE N: b br c cl f m p pl r sc sp t th=DH v
ance: AE N S: ch d gl l pr st tr
anch: AE N CH: br r
and: AE N D: - b br gr h l s st str
ane: EY N: c cr l m p pl s v
ang: AE NG: b cl f g h r s sl
ange: EY N JH: ch gr m r str
ank: AE NG K: b bl cl cr dr fr pl r s shr t th y
ant: AE N T: - ch gr p pl r sc sl
ap: AE P: c ch cl fl g l m n r s scr sl sn str t tr wr z
ape: EY P: c cr dr gr n sc sh t
ar: AA R: b c f j sc st t
ard: AA R D: b c h l y
are: EH R: b bl c d f fl gl h m r sc sh sn sp squ st
arge: AA R JH: b ch l
ark: AA R K: - b d h l m p sh sp st
arm: AA R M: - ch f h
arn: AA R N: b d y
arp: AA R P: c h sh
art: AA R T: - c ch d p sm st t
ase: EY S: b c ch v
ash: AE SH: - b c cl cr d fl g h l m r sl sm spl st thr tr
ask: AE S K: - b c fl m t
ass: AE S: b br cl gl gr l m p
ast: AE S T: bl c f l m p v
aste: EY S T: b h p t w
at: AE T: - b c ch f fl h m p r s sl sp v th=DH
atch: AE CH: b c h l m p scr th
ate: EY T: cr d f g gr h l m pl r sk sl st
ave: EY V: br c cr g gr p r s sh sl w
aw: AO: cl dr fl j l p r s str th
awl: AO L: b br cr dr spr
awn: AO N: d dr f l p y
ax: AE K S: - f fl l t w
ay: EY: b cl d gr h j l m p pl pr r s sp spr st str sw tr w
aze: EY Z: bl d g gl gr h m
ea: IY: p pl s t
each: IY CH: - b bl p pr r t
ead: EH D: br d dr h l r spr thr tr
eak: IY K: b bl cr fr l p sn sp squ str tw w
eal: IY L: d h m p r s st v z
eam: IY M: b cr dr gl s scr st str t
ean: IY N: b cl d l m
eap: IY P: ch h l r
ear: IH R: - cl d dr f g h n r sh sm sp t y
east: IY S T: - b f l y
eat: IY T: - b ch h m n p s tr wh
eck: EH K: ch d n p sp wr
ed: EH D: b bl f l r sh sl
ee: IY: b fl fr gl kn s tr thr
eed: IY D: bl br d f fr gr h n r s sp st tw w
eek: IY K: ch cr gr m p s sl w
eel: IY L: f h k kn p r st wh
een: IY N: gr k pr qu s scr sh t
eep: IY P: b ch cr d j k p s sh sl st sw w
eer: IH R: b ch d j p sh sn st
eet: IY T: b f fl gr m sh sl sw str tw
eeze: IY Z: br fr sn squ wh
eg: EH G: b k l p
elf: EH L F: - s sh
ell: EH L: b c=S d f h s sh sm sp sw t w y
elp: EH L P: h k y
elt: EH L T: b f m p w sm
em: EH M: g=JH h st th=DH
en: EH N: d f h m p t th=DH wh wr y
ence: EH N S: f h p wh
ench: EH N CH: b cl dr fr qu st tr wr
end: EH N D: - b bl l m s sp t tr
ent: EH N T: b c=S d l r s sp t v w
ept: EH P T: k cr sl sw w
esh: EH SH: fl fr m
ess: EH S: bl ch cr dr l m pr str
est: EH S T: b ch cr g j n p qu r t v w
et: EH T: b fr g j l m n p s v w y
ew: UW: bl br cr dr fl gr scr st
ick: IH K: b br ch cl fl k l n p pr qu s sl st t th tr w
id: IH D: b d gr h k l m r sk sl
ide: AY D: b br gl h pr r s sl str t w
ie: AY: d l p t
ife: AY F: f kn l str w
ift: IH F T: dr g l r s sh sw thr
ig: IH G: b d f j p r spr tw w
ight: AY T: br f fl fr kn l m n r s sl t
ike: AY K: b d h l p sp str
ile: AY L: f m p sm st t v wh
ill: IH L: - b ch d dr f fr g gr h k m p qu r s sk sp st t thr w
ilt: IH L T: g h j k qu s t w
im: IH M: d br gr h r sk sl sw tr wh
ime: AY M: cr d gr l pr sl t
imp: IH M P: bl ch cr l scr shr
in: IH N: b ch d f g=JH gr k p s sh sk sp t th tw w
ince: IH N S: m pr s w
inch: IH N CH: - c=S cl f fl p w
ind: AY N D: b bl f gr h k m w
ine: AY N: d f l m n p sh sp sw tw v w wh
ing: IH NG: br cl d fl k r s sl spr st str sw th w wr
ink: IH NG K: - bl br cl dr k l m p r s shr st th w
int: IH N T: d fl gl h l m pr spl spr squ t
ip: IH P: ch cl d dr fl gr h l r s sh sk sl sn str t tr wh z
ipe: AY P: gr p r str sw w
ird: ER D: b th
irt: ER T: d fl sh sk squ
ire: AY ER: f h sp t w
ise: AY Z: r w
ish: IH SH: d f sw w
isk: IH S K: br d fr r wh
iss: IH S: h k m
ist: IH S T: f g=JH gr l m tw wr
it: IH T: - b f gr h k kn l p qu s sk sl sp spl w
itch: IH CH: - d h p st sw tw w
ite: AY T: b k m qu sp wh wr
ive: AY V: d dr f h l thr
ix: IH K S: f m s
ize: AY Z: pr s
oach: OW CH: c p r
oad: OW D: l r t
oak: OW K: - cl cr s
oal: OW L: c f g
oast: OW S T: b c r t
oat: OW T: - b c fl g thr
ob: AA B: b bl c kn l m r s sl sn thr
ock: AA K: bl ch cl d fl fr h kn l m r s sh sm st
od: AA D: c cl g n p pl pr r s tr
ode: OW D: c m r str
og: AO G: b cl d f fr h j l
oil: OY L: - b c f s sp t
oin: OY N: c j l
oint: OY N T: j p
oke: OW K: br ch j p sm sp str w y
old: OW L D: - b c f g h m s sc t
ole: OW L: d h m p r st wh=HH
oll: OW L: p r scr str t tr
olt: OW L T: b c d j v
ome: OW M: d h
omp: AA M P: p r st
ond: AA N D: b bl f p
one: OW N: b c cl dr ph pr st t z
ong: AO NG: l pr s str thr wr
ood: UH D: g h st w
oof: UW F: pr r sp
ook: UH K: b br c cr h l n r sh t
ool: UW L: c f p sp st t
oom: UW M: bl br d gl gr l r z
oon: UW N: cr m n s sp sw
oop: UW P: dr h l sc sl sn sw tr
oot: UW T: b h l r sh
op: AA P: ch cr dr fl h m p pl pr sh sl st t
ope: OW P: c h l m p r sc sl
orch: AO R CH: p sc t
ord: AO R D: c f l
ore: AO R: - b c ch m p s sc sh sn sp st sw t w
ork: AO R K: c f p st
orm: AO R M: d f st
orn: AO R N: b c h m sc th t w
ort: AO R T: f p s sh sn sp
ose: OW Z: ch cl h n p pr r th=DH
oss: AO S: b cr g l m t
ost: OW S T: gh=G h m p
ot: AA T: bl c cl d g h j kn l n p pl r sh sl sp tr
ote: OW T: n qu r v wr
ouch: AW CH: c cr gr p sl v
oud: AW D: cl l pr
ounce: AW N S: b p tr
ound: AW N D: b f gr h m p r s
our: AW ER: - fl h= s sc
ouse: AW S: bl d h m sp
out: AW T: - cl p sc sh sn sp spr st tr
ove: OW V: c cl dr gr st w
ow: OW: bl cr fl gl gr kn l m r sh sl sn t thr
owl: AW L: - f gr h pr sc
own: AW N: br cl cr d dr fr g t
ox: AA K S: - b f p
oy: OY: b c j t
ub: AH B: c cl gr h r scr sn st t
uck: AH K: b cl d l m pl st str t tr
ud: AH D: b c d m sp st th
udge: AH JH: b dr f gr j n sl sm tr
uff: AH F: b bl c fl gr h m p sc sn st
ug: AH G: b d dr h j m pl r shr sl sm sn t th
ull: AH L: d g h l sk
um: AH M: b ch dr g gl h pl s sl str
umb: AH M: cr d n pl th
ump: AH M P: b cl d gr h j l p pl sl st th tr
un: AH N: b f g n p r s sh sp st
unch: AH N CH: b br cr h l m p
und: AH N D: f
ung: AH NG: cl fl h l r s st str sw
unk: AH NG K: b ch dr f j sk sp s shr tr
unt: AH N T: bl gr h p r st
up: AH P: - c p s
ur: ER: bl f sl sp
urn: ER N: b ch sp t
urse: ER S: c n p
urst: ER S T: b
us: AH S: - b pl th=DH
ush: AH SH: bl br cr fl h l pl r thr
usk: AH S K: d h m
ust: AH S T: b cr d g j m r thr tr
ut: AH T: b c g h n r sh str
utch: AH CH: cl cr d h
ute: UW T: br fl l
y: AY: b cr dr fl fr m pl pr sh sk sl sp spr st tr wh
"""

LONGER = """
apple=AE P AH L, arrow=EH R OW, baby=B EY B IY, badger=B AE JH ER, basket=B AE S K AH T,
battle=B AE T AH L, better=B EH T ER, bitter=B IH T ER, bottle=B AA T AH L, bottom=B AA T AH M,
bubble=B AH B AH L, bucket=B AH K AH T, butter=B AH T ER, button=B AH T AH N, candle=K AE N D AH L,
carrot=K EH R AH T, castle=K AE S AH L, cattle=K AE T AH L, chicken=CH IH K AH N, copper=K AA P ER,
cotton=K AA T AH N, dinner=D IH N ER, doctor=D AA K T ER, dragon=D R AE G AH N, empty=EH M P T IY,
feather=F EH DH ER, fiddle=F IH D AH L, finger=F IH NG G ER, flower=F L AW ER, funny=F AH N IY,
garden=G AA R D AH N, gentle=JH EH N T AH L, giant=JH AY AH N T, grumble=G R AH M B AH L,
hammer=HH AE M ER, handle=HH AE N D AH L, happy=HH AE P IY, hello=HH AH L OW, hollow=HH AA L OW,
holly=HH AA L IY, hundred=HH AH N D R AH D, hungry=HH AH NG G R IY, island=AY L AH N D,
kettle=K EH T AH L, kitten=K IH T AH N, ladder=L AE D ER, lantern=L AE N T ER N, later=L EY T ER,
lazy=L EY Z IY, lemon=L EH M AH N, letter=L EH T ER, little=L IH T AH L, lucky=L AH K IY,
maple=M EY P AH L, market=M AA R K AH T, matter=M AE T ER, meadow=M EH D OW, middle=M IH D AH L,
mirror=M IH R ER, modern=M AA D ER N, monday=M AH N D EY, muddy=M AH D IY, muddle=M AH D AH L,
needle=N IY D AH L, never=N EH V ER, number=N AH M B ER, paddle=P AE D AH L, paper=P EY P ER,
pepper=P EH P ER, picnic=P IH K N IH K, pillow=P IH L OW, planet=P L AE N AH T, pocket=P AA K AH T,
puddle=P AH D AH L, puppy=P AH P IY, puzzle=P AH Z AH L, rabbit=R AE B AH T, ribbon=R IH B AH N,
river=R IH V ER, rocket=R AA K AH T, rubber=R AH B ER, saddle=S AE D AH L, sailor=S EY L ER,
seven=S EH V AH N, shadow=SH AE D OW, silver=S IH L V ER, simple=S IH M P AH L, sister=S IH S T ER,
spider=S P AY D ER, spoken=S P OW K AH N, stable=S T EY B AH L, sudden=S AH D AH N,
summer=S AH M ER, sunny=S AH N IY, supper=S AH P ER, table=T EY B AH L, teacher=T IY CH ER,
thunder=TH AH N D ER, tiger=T AY G ER, timber=T IH M B ER, tunnel=T AH N AH L, turtle=T ER T AH L,
under=AH N D ER, valley=V AE L IY, velvet=V EH L V AH T, wagon=W AE G AH N, whisper=W IH S P ER,
window=W IH N D OW, winter=W IH N T ER, yellow=Y EH L OW, answer=AE N S ER, silent=S AY L AH N T
"""

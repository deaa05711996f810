"""Texts that a model of English reviews cannot judge, one a line, by kind: it should say that it is unsure.

Of facts and questions without opinion, neutral is as good an answer as an unsure one.
"""

UNCERTAIN: dict[str, str] = {
    "other language, praise": """
Muy buen producto, estoy encantado con la compra.
Llegó rápido y funciona de maravilla, lo recomiendo.
Très bon appareil, je suis ravie de mon achat.
Fonctionne parfaitement, livraison rapide, je recommande vivement.
Sehr gute Qualität, bin rundum zufrieden.
Funktioniert einwandfrei, jederzeit wieder.
Ottimo acquisto, lo consiglio a tutti.
Produto maravilhoso, chegou antes do prazo.
Heel blij mee, werkt uitstekend.
Świetny produkt, jestem bardzo zadowolony.
Çok güzel bir ürün, herkese tavsiye ederim.
Mycket bra kvalitet, jag är jättenöjd.
Todella hyvä tuote, suosittelen lämpimästi.
Produk bagus sekali, pengiriman cepat, terima kasih.
Sản phẩm rất tốt, tôi rất hài lòng.
Bahut accha product hai, paisa vasool.
Отличный товар, всем советую.
Очень доволен покупкой, работает отлично.
Чудовий товар, дуже задоволена.
Εξαιρετικό προϊόν, το συνιστώ ανεπιφύλακτα.
बहुत अच्छा उत्पाद है, मैं बहुत खुश हूँ।
மிகவும் நல்ல பொருள், எனக்கு பிடித்திருக்கிறது.
খুব ভালো পণ্য, আমি খুশি।
منتج رائع وأنصح به الجميع.
מוצר מצוין, ממליץ בחום.
สินค้าดีมาก ส่งเร็ว ประทับใจ
质量很好,非常满意。
とても良い商品です。買ってよかったです。
정말 좋은 제품이에요. 추천합니다.
Nagyon jó termék, mindenkinek ajánlom.
""",
    "other language, complaint": """
Muy mal producto, dejó de funcionar a los dos días.
Una estafa, no lo compren, quiero que me devuelvan el dinero.
Très déçue, l'appareil est tombé en panne au bout d'une semaine.
À fuir, qualité médiocre et service client inexistant.
Sehr schlechte Qualität, nach zwei Tagen kaputt.
Leider enttäuschend, ich schicke es zurück.
Pessimo acquisto, si è rotto subito.
Produto horrível, veio quebrado e não devolvem o dinheiro.
Waardeloos, na een week al kapot.
Fatalna jakość, nie polecam nikomu.
Berbat bir ürün, iki günde bozuldu.
Väldigt dålig kvalitet, gick sönder direkt.
Surkea laite, hajosi viikossa, en suosittele.
Produk jelek, baru dipakai dua hari sudah rusak, kecewa.
Hàng quá tệ, dùng hai ngày đã hỏng.
Bilkul bekar product hai, do din me kharab ho gaya.
Ужасное качество, сломался через два дня.
Не покупайте, это обман, деньги не вернули.
Жахлива якість, зламався за тиждень.
Απαράδεκτη ποιότητα, χάλασε σε δύο μέρες.
बहुत खराब उत्पाद, दो दिन में टूट गया।
மிகவும் மோசமான பொருள், இரண்டு நாட்களில் உடைந்தது.
খুব খারাপ পণ্য, দুই দিনে নষ্ট হয়ে গেছে।
منتج سيئ جدا، تعطل بعد يومين.
מוצר גרוע, נשבר אחרי יומיים.
สินค้าแย่มาก ใช้ได้สองวันก็พัง
质量太差,用了两天就坏了。
二日で壊れました。最悪です。
이틀 만에 고장났어요. 완전 실망입니다.
Nagyon rossz minőség, két nap után tönkrement.
""",
    "gibberish": """
asdf ghjk lqwe rtyu
xkq zzrt blorf
qwertyuiop
hjkl hjkl hjkl
fdsgf hgfh jhgj kjhk
blarg snorf wibble trund
lorem ipsum dolor sit amet consectetur
aaaaaaaaaaaaaaaaaaaa
x
zz top kk jj
vno wqe ghtr plm okn
t h e q
mmmnnbvcx lkjh
kolp vrandic mesturo feln
ddfdfdfd
foo bar baz qux
the of and to in a
a a a a b b b c
tbd na n/a
test test 123 test
""",
    "numbers and ids": """
12345
2023-11-04
Order 402-8817345-2291043
B07XQ4R1TZ
10:45 14.02.2024
192.168.0.1
SN 00A4-77F3-19BC
500 g x 2
1/2
0000000000
TRK9938841220IN
M8 x 40 mm, A2-70
+44 20 7946 0018
230 V 50 Hz 60 W
38 x 25 x 12 cm
Ref. 7781, line 4, batch 12
""",
    "emoji and signs": """
📦
📦📦📦
🤷
👀
🔌🔋
...
???
-
.
🎧📱💻
#
🙈🙉🙊
""",
    "facts": """
It arrived on Tuesday in a brown box.
I bought this in March.
The cable is two metres long.
It is black with a grey stripe.
Delivered to the neighbour at noon.
The box holds one lamp, one cable and one manual.
This is the 64 GB model.
I ordered two of them, one for the kitchen and one for the office.
My brother has the same one in blue.
It runs on four AA batteries.
The manual is in English and French.
Made in Portugal.
I have had it since Sunday.
It is mounted on the wall beside the door.
Ordered on the 3rd, shipped on the 5th, received on the 9th.
The bag weighs about a kilo.
I am writing this on the day of delivery.
The plug is of the European type.
This replaces the one from 2016.
Used with a laptop and a monitor.
The shirt is size M.
There are three buttons on the left side.
My order was number four of five.
The set has twelve pieces.
""",
    "questions without opinion": """
Does it fit the older model?
Is this compatible with Windows 11?
What is the length of the cable?
Can it be used outdoors?
How many watts does it have?
Does anyone know if it comes in green?
Which batteries does it take?
Is the lid included?
How do I change the language?
Can I use it with a 12 V adapter?
Is it the 2021 or the 2022 version?
Does the seller ship to Norway?
Will there be a larger size?
How wide is the shelf?
What is the warranty period?
Is it machine washable?
Who makes the motor?
Does it have a headphone jack?
""",
}

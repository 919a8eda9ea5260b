"""Words that stand in and around dates, by language, as data.

Month names follow CLDR (full names in the form used inside a date, then
abbreviations); only languages whose names clash with no other here are listed.
`key` is the form in which words are looked up.
"""

from __future__ import annotations

import unicodedata


def key(word: str) -> str:
    """A word without case, accents and full stops: "Août." → "aout"."""
    folded = word.casefold()
    if not folded.isascii():
        decomposed = unicodedata.normalize("NFKD", folded)
        # the voicing marks of kana and the vowels of Hangul are letters: NFC gives them back
        folded = unicodedata.normalize("NFC", "".join(c for c in decomposed if not "\u0300" <= c <= "\u036f"))
    return folded.strip(".")


# Twelve months; "/" parts the forms of one month.
_FULL = {
    "en": "January February March April May June July August September October November December",
    "de": "Januar/Jänner Februar/Feber März/Maerz April Mai Juni Juli August September Oktober November Dezember",
    "fr": "janvier février mars avril mai juin juillet août septembre octobre novembre décembre",
    "es": "enero febrero marzo abril mayo junio julio agosto septiembre/setiembre octubre noviembre diciembre",
    "pt": "janeiro fevereiro março abril maio junho julho agosto setembro outubro novembro dezembro",
    "it": "gennaio febbraio marzo aprile maggio giugno luglio agosto settembre ottobre novembre dicembre",
    "ca": "gener febrer març abril maig juny juliol agost setembre octubre novembre desembre",
    "nl": "januari februari maart april mei juni juli augustus september oktober november december",
    "pl": "stycznia/styczeń lutego/luty marca/marzec kwietnia/kwiecień maja/maj czerwca/czerwiec lipca/lipiec "
    "sierpnia/sierpień września/wrzesień października/październik listopada/listopad grudnia/grudzień",
    "tr": "Ocak Şubat Mart Nisan Mayıs Haziran Temmuz Ağustos Eylül Ekim Kasım Aralık",
    "sv": "januari februari mars april maj juni juli augusti september oktober november december",
    "da": "januar februar marts april maj juni juli august september oktober november december",
    "no": "januar februar mars april mai juni juli august september oktober november desember",
    "fi": "tammikuuta helmikuuta maaliskuuta huhtikuuta toukokuuta kesäkuuta heinäkuuta elokuuta syyskuuta "
    "lokakuuta marraskuuta joulukuuta",
    "cs": "ledna února března dubna května června července srpna září října listopadu prosince",
    "ro": "ianuarie februarie martie aprilie mai iunie iulie august septembrie octombrie noiembrie decembrie",
    "id": "Januari Februari Maret April Mei Juni Juli Agustus September Oktober November Desember",
    "ru": "января февраля марта апреля мая июня июля августа сентября октября ноября декабря",
    "uk": "січня лютого березня квітня травня червня липня серпня вересня жовтня листопада грудня",
    "el": "Ιανουαρίου Φεβρουαρίου Μαρτίου Απριλίου Μαΐου/Μαίου Ιουνίου Ιουλίου Αυγούστου Σεπτεμβρίου "
    "Οκτωβρίου Νοεμβρίου Δεκεμβρίου",
}
_SHORT = {
    "en": "Jan Feb Mar Apr May Jun Jul Aug Sep/Sept Oct Nov Dec",
    "de": "Jän/Jan Feb Mär/Mrz Apr Mai Jun Jul Aug Sep/Sept Okt Nov Dez",
    "fr": "janv févr/fév mars avr mai juin juil août sept oct nov déc",
    "es": "ene feb mar abr may jun jul ago sep/sept/set oct nov dic",
    "pt": "jan fev mar abr mai jun jul ago set out nov dez",
    "it": "gen feb mar apr mag giu lug ago set/sett ott nov dic",
    "nl": "jan feb mrt apr mei jun jul aug sep/sept okt nov dec",
    "pl": "sty lut mar kwi maj cze lip sie wrz paź lis gru",
    "tr": "Oca Şub Mar Nis May Haz Tem Ağu Eyl Eki Kas Ara",
    "sv": "jan feb mar apr maj jun jul aug sep/sept okt nov dec",
    "da": "jan feb mar apr maj jun jul aug sep/sept okt nov dec",
}


def _numbers(table: dict[str, str]) -> dict[str, int]:
    return {
        key(name): number
        for names in table.values()
        for number, forms in enumerate(names.split(), 1)
        for name in forms.split("/")
    }


MONTHS = _numbers(_FULL) | _numbers(_SHORT)
# Month before day is English custom; of the other languages' short names some are English words ("set", "out").
MONTHS_BEFORE_DAY = _numbers(_FULL) | _numbers({"en": _SHORT["en"]})
# November to a Pole, October to a Croat; and only the Croat writes "22. listopada" with the stop.
NOT_AFTER_ORDINAL_STOP = frozenset({"listopada", "listopad"})


def _keys(words: str) -> frozenset[str]:
    return frozenset(map(key, words.split()))


WEEKDAYS = _keys(
    "Monday Tuesday Wednesday Thursday Friday Saturday Sunday Mon Tue Tues Wed Thu Thur Thurs Fri Sat Sun "
    "Montag Dienstag Mittwoch Donnerstag Freitag Samstag Sonnabend Sonntag Mo Di Mi Do Fr Sa So "
    "lundi mardi mercredi jeudi vendredi samedi dimanche lun mer jeu ven sam dim "
    "lunes martes miércoles jueves viernes sábado domingo mié jue vie sáb dom "
    "segunda terça quarta quinta sexta feira seg ter qua qui sex "
    "lunedì martedì mercoledì giovedì venerdì sabato domenica mar gio sab "
    "maandag dinsdag woensdag donderdag vrijdag zaterdag zondag ma wo vr za zo "
    "poniedziałek wtorek środa czwartek piątek sobota niedziela pon wt śr czw pt sob niedz "
    "Pazartesi Salı Çarşamba Perşembe Cuma Cumartesi Pazar "
    "Thứ hai ba tư năm sáu bảy Chủ nhật "
    "måndag tisdag onsdag torsdag fredag lördag söndag mandag tirsdag lørdag søndag tors "
    "понедельник вторник среда четверг пятница суббота воскресенье "
    "月曜日 火曜日 水曜日 木曜日 金曜日 土曜日 日曜日 月 火 水 木 金 土 日 "
    "星期一 星期二 星期三 星期四 星期五 星期六 星期日 周一 周二 周三 周四 周五 周六 周日 "
    "월요일 화요일 수요일 목요일 금요일 토요일 일요일 월 화 수 목 금 토 일"
)
# Labels that say: this is when the text came out.
PUBLISHED = _keys(
    "date dated published publication publish posted issued filed created added first originally online "
    "veröffentlicht veröffentlichung erschienen erstellt publiziert datum erstveröffentlichung "
    "publié publiée parution créé paru publicado publicada publicación fecha creado publicação data "
    "pubblicato pubblicata pubblicazione gepubliceerd geplaatst publicatiedatum "
    "opublikowano publikacji dodano publikacja yayınlanma yayın yayınlandı tarih tarihi giriş oluşturulma "
    "publicerad publicerat publiceret offentliggjort udgivet publisert julkaistu опубликовано "
    "公開 公開日 公開日時 配信 配信日 掲載 掲載日 投稿 投稿日 发布 发布时间 发表 发表时间 发布日期 日期 時間 时间 發布 發布時間 "
    "입력 등록 기사입력 작성 승인 게시"
)
# Labels that say: this is when it was changed.
UPDATED = _keys(
    "updated update modified edited revised reviewed changed upd aktualisiert aktualisierung geändert stand änderung "
    "actualisé modifié mise mis jour màj maj actualizado actualizada actualización modificado atualizado atualizada "
    "atualização modificação aggiornato aggiornata aggiornamento modificato bijgewerkt gewijzigd update aktualizacja "
    "zaktualizowano güncelleme güncellenme güncellendi uppdaterad uppdaterat ändrad opdateret ændret oppdatert endret "
    "päivitetty muokattu обновлено 更新 更新日 最終更新 最終更新日 更新日時 更新时间 更新時間 수정 업데이트 최종수정 최종"
)
# Small words, clock words and zone names between labels and dates.
FILLERS = _keys(
    "on at the of time last latest since from am pm a m p h hrs hours uhr um vom den der zuletzt letzte zul "
    "le à de du heure dernière dernier el las los a del última hrs às em última hora il alle ore alle ultimo ultima "
    "op om uur laatst laatste godz o ostatnia dnia saat son kl klo klokken den d sist sidst senast viimeksi "
    "в г год time date gmt utc z cet cest mez mesz est edt et cst cdt ct mst mdt mt pst pdt pt bst ist jst kst msk "
    "aest aedt sast wib wat eat hkt sgt tsi min mins minute minutes read reading lesezeit minuten lectura lecture lettura 時 分 오전 오후 午前 午後 上午 下午 년 월 일"
)

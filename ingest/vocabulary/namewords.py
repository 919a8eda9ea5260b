"""Words that stand in and around names of authors, as data; all folded."""

from __future__ import annotations

from ingest.vocabulary.wordlists import word_set

# Words that no name of a person holds: who is named so is a desk, a role, an outlet, or nobody.
NOT_NAMES = word_set("""admin administrator staff team desk editor editors editorial newsroom news press agency agencies wire wires
    reporter reporters correspondent correspondents writer writers contributor contributors author authors guest
    newspaper magazine media online digital network group institute university department office service services
    bureau board association society foundation council ministry government center centre clinic hospital reuters afp
    dpa bloomberg review reviews report reports redaktion redakteur redakteurin redaktør redaksjonen redacción redacao
    redação redazione rédaction redactie redakcja redaktionen agentur agence agencia agenzia ajansı haber journalist
    journalistin journaliste periodista producer photographer columnist analyst critic chief senior deputy assistant
    associate manager director president officer specialist strategist consultant head marketing content support
    sponsored advertisement politics business sport sports culture opinion video photo photos podcast anonymous unknown
    null undefined none user webmaster moderator blog website tv radio channel weekly daily times post herald tribune
    gazette journal zeitung verlag monday tuesday wednesday thursday friday saturday sunday january february march july
    september october november december the a an this that these those our your their his her its popular demand royal
    appointment invitation only all how why what when where who published updated posted share subscribe read more min
    minutes ago today yesterday expert experts master about contact follow bio profile dealer authorized request
    explore""")
# A declared author with one of these is a company, however it is parted.
COMPANIES = word_set("inc inc. ltd ltd. llc gmbh company corporation corp corp. verlag s.a. s.l. kg ag plc")
PARTICLES = word_set(
    "de da do dos das del della di du des la le los las el al ul von vom zu zum zur van der den ten ter bin ibn abu ben "
    "bint e y i af av d' d’ st"
)
# Degrees and memberships that follow a name, without stops.
CREDENTIALS = word_set(
    "phd md mba msc ma ba bsc rn rd rdn esq jd llm llb cpa cfa cfp cpt cscs do dds dmd dvm np pa mph ms med edd psyd lcsw "
    "facp fand frcp obe mbe cbe mp mep cepf ea cissp pmp"
)
# Outlets in scripts that write no blanks: newspaper, times, daily, agency, broadcaster, editorial staff.
OUTLET_ENDINGS = (
    "新聞",
    "新闻",
    "時報",
    "时报",
    "日報",
    "日报",
    "社",
    "報",
    "报",
    "網",
    "网",
    "編集部",
    "编辑部",
    "取材班",
    "部",
    "뉴스",
    "일보",
    "신문",
    "기자",
)

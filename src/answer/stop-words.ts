const ENGLISH = `a about above after again against all also am an and any are as at be because been before being
below between both but by can could did do does doing down during each few for from further get give given
had has have having he her here hers him his how i if in into is it its itself just let like may me might more most must my
of off on once only or other our out over own please same shall she should so some such tell than that the their
them then there these they this those through to too under until up us very was we were what when where which
while who whom whose why will with within would yes you your`

const GERMAN = `aber alle allem allen aller alles als also am an ander andere anderen auch auf aus bei beim bin bis bist
da damit dann das dass dein dem den denn der des dessen deren die dies diese diesem diesen dieser dieses doch
dort du durch ein eine einem einen einer eines er es etwas euch euer für gegen habe haben hat hatte hatten hier
hin hinter ich ihm ihn ihnen ihr ihre ihrem ihren ihrer im in indem ins ist jede jedem jeden jeder jedes jener
kann können machen man mehr mein mich mir mit nach noch nun nur ob oder ohne sein seine seinem seinen seiner
seit sich sie sind so solche soll sondern sonst über um und uns unser unter viel viele vom von vor während war
waren warum was weil welche welchem welchen welcher welches wenn wer werden wem wen weshalb wie wieder will
wir wird wo wurde wurden wessen zu zum zur zwar zwischen`

const LISTS: readonly ReadonlySet<string>[] = [ENGLISH, GERMAN].map(
  (list) => new Set(list.split(/\s+/)),
)

/**
 * The function words of the language these words are in. Lists cannot be joined: the German "war" and "die" are
 * content in English. Other languages get the English list; there, rarity among the passages does the work.
 */
export function stopWordsFor(words: readonly string[]): ReadonlySet<string> {
  const hits = LISTS.map((list) => words.filter((word) => list.has(word)).length)
  const best = hits.indexOf(Math.max(...hits))
  return LISTS[best] ?? new Set()
}

import { expect, test } from 'vitest'
import type { Message } from '../../core/question.ts'
import { standAloneQuery } from './stand-alone-query.ts'

const ABOUT_SALES: Message[] = [
  { role: 'user', text: 'What were the net sales of Apple in the third quarter of 2022?' },
  { role: 'assistant', text: 'They were $82,959 million [1].' },
]

test.each([
  'And compared with the year before?',
  'Why did they rise?',
  'What about services?',
  'Und im Vergleich zum Vorjahr?',
  'Why?',
])('%j is searched for with what it leans on', (text) => {
  expect(standAloneQuery(text, ABOUT_SALES)).toBe(`${text} net sales apple third quarter 2022`)
})

test.each([
  'Which employees may work from home on Fridays?',
  'How does the harness closure work in the differential executor that is used for fuzzing?',
])('%j stands alone', (text) => {
  expect(standAloneQuery(text, ABOUT_SALES)).toBe(text)
})

test('a follow-up to a follow-up still knows the subject', () => {
  const history: Message[] = [
    ...ABOUT_SALES,
    { role: 'user', text: 'And in 2023?' },
    { role: 'assistant', text: 'They were $81,797 million [2].' },
  ]

  expect(standAloneQuery('Why did they fall?', history)).toBe(
    'Why did they fall? 2023 net sales apple third quarter 2022',
  )
})

test('the first question of a conversation is left as it is', () => {
  expect(standAloneQuery('Why did it fall?', [])).toBe('Why did it fall?')
})

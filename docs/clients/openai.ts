import { createReadStream } from 'node:fs'
import OpenAI from 'openai'

const ragstone = new OpenAI({
  baseURL: `${process.env['RAGSTONE_URL']}/v1`,
  apiKey: process.env['RAGSTONE_API_KEY'],
})

const store = await ragstone.vectorStores.create({ name: 'Handbook' })
await ragstone.vectorStores.files.uploadAndPoll(
  store.id,
  createReadStream(process.argv[2] ?? 'handbook.md'),
)

const stream = ragstone.responses.stream({
  model: 'extractive',
  input: 'How many days of leave are there?',
  tools: [{ type: 'file_search', vector_store_ids: [store.id] }],
})
stream.on('response.output_text.delta', ({ delta }) => process.stdout.write(delta))
const response = await stream.finalResponse()

const parts = response.output.flatMap((item) => (item.type === 'message' ? item.content : []))
for (const part of parts) {
  if (part.type !== 'output_text') continue
  for (const cite of part.annotations) {
    // `ragstone` is what Ragstone adds: the exact bytes of the document's text that prove the claim.
    if (cite.type === 'file_citation' && 'ragstone' in cite) {
      console.log(`\n${cite.filename}`, cite.ragstone)
    }
  }
}

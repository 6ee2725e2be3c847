import { createOpenAI } from '@ai-sdk/openai'
import { embed, generateText, streamText } from 'ai'

const ragstone = createOpenAI({
  baseURL: `${process.env['RAGSTONE_URL']}/v1`,
  apiKey: process.env['RAGSTONE_API_KEY'] ?? 'rs_…',
})
const vectorStoreId = process.env['RAGSTONE_STORE'] ?? 'vs_…'
const prompt = 'How many days of leave are there?'

// The Responses API: cites arrive as sources of type `document`.
const streamed = streamText({
  model: ragstone('extractive'),
  prompt,
  tools: { file_search: ragstone.tools.fileSearch({ vectorStoreIds: [vectorStoreId] }) },
})
for await (const text of streamed.textStream) process.stdout.write(text)
for (const source of await streamed.sources) {
  if (source.sourceType === 'document') console.log(`\nfrom ${source.filename}`)
}

// Chat completions: the vector store is the model, and cites are sources of type `url`.
const { text, sources } = await generateText({ model: ragstone.chat(vectorStoreId), prompt })
console.log(text)
for (const source of sources) {
  if (source.sourceType === 'url') console.log(`${source.title}: ${source.url}`)
}

const { embedding } = await embed({
  model: ragstone.embedding('all-minilm-l6-v2-int8'),
  value: prompt,
})
console.log(`${embedding.length} dimensions`)

import { Document } from '@langchain/core/documents'
import { BaseRetriever } from '@langchain/core/retrievers'
import { ChatOpenAI, OpenAIEmbeddings } from '@langchain/openai'
import OpenAI from 'openai'

const apiKey = process.env['RAGSTONE_API_KEY'] ?? 'rs_…'
const configuration = { baseURL: `${process.env['RAGSTONE_URL']}/v1` }
const vectorStoreId = process.env['RAGSTONE_STORE'] ?? 'vs_…'
const question = 'How many days of leave are there?'

// The vector store is the model.
const chat = new ChatOpenAI({ model: vectorStoreId, apiKey, configuration })
for await (const chunk of await chat.stream(question)) process.stdout.write(chunk.text)

// The Responses API: cites are annotations of the text.
const responses = new ChatOpenAI({
  model: 'extractive',
  apiKey,
  configuration,
  useResponsesApi: true,
}).bindTools([{ type: 'file_search', vector_store_ids: [vectorStoreId] }])
const answer = await responses.invoke(question)
for (const block of answer.contentBlocks) {
  if (block.type === 'text') console.log(block.text, block.annotations)
}

// LangChain.js has no retriever of its own for OpenAI's vector stores; this is one.
class VectorStoreRetriever extends BaseRetriever {
  override lc_namespace = ['ragstone']
  readonly client = new OpenAI({ apiKey, ...configuration })

  override async _getRelevantDocuments(query: string): Promise<Document[]> {
    const page = await this.client.vectorStores.search(vectorStoreId, { query })
    return page.data.map(
      ({ content, file_id, filename, score }) =>
        new Document({
          pageContent: content.map(({ text }) => text).join('\n'),
          metadata: { file_id, filename, score },
        }),
    )
  }
}
const [best] = await new VectorStoreRetriever().invoke(question)
console.log(best?.metadata)

const embeddings = new OpenAIEmbeddings({ model: 'all-minilm-l6-v2-int8', apiKey, configuration })
console.log(`${(await embeddings.embedQuery(question)).length} dimensions`)

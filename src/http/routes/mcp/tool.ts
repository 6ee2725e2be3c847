import type { Tool as ToolListing } from '@modelcontextprotocol/sdk/types.js'
import type { Static, TObject } from 'typebox'
import { Compile } from 'typebox/compile'
import type { Scope } from '../../../core/principal.ts'
import type { Asked } from '../../asked-by.ts'
import { checkedValue } from '../../validation.ts'

/** What a tool knows of the call it serves. */
export interface ToolCall {
  readonly asked: Asked
  readonly tenantId: string
  /** This server's address, as the caller reached it. */
  readonly origin: string
  /** Aborted when the caller is gone or the server must stop. */
  readonly signal: AbortSignal
  /** Tells the caller how far it is; does nothing for a caller who did not ask. */
  readonly progress: (message: string) => Promise<void>
}

export interface Tool {
  readonly name: string
  /** What the key must be allowed to. */
  readonly scope: Scope
  /** May take long: its result comes as an event stream, which is kept alive meanwhile. */
  readonly slow: boolean
  readonly listing: ToolListing
  /** Throws an AppError for arguments that are not as listed. */
  run(input: unknown, call: ToolCall): Promise<Record<string, unknown>>
}

interface ToolDefinition<Input extends TObject, Output extends TObject> {
  readonly name: string
  readonly title: string
  readonly description: string
  readonly scope: Scope
  readonly slow?: boolean
  readonly input: Input
  readonly output: Output
  run(input: Static<Input>, call: ToolCall): Promise<Static<Output>>
}

/** Every tool here reads the tenant's own documents and changes nothing. */
export function defineTool<Input extends TObject, Output extends TObject>(
  definition: ToolDefinition<Input, Output>,
): Tool {
  const { name, title, description, scope, slow = false, input, output } = definition
  const check = Compile(input)
  return {
    name,
    scope,
    slow,
    listing: {
      name,
      title,
      description,
      inputSchema: input as ToolListing['inputSchema'],
      outputSchema: output as ToolListing['inputSchema'],
      annotations: { title, readOnlyHint: true, destructiveHint: false, openWorldHint: false },
    },
    async run(given, call) {
      return definition.run(checkedValue(check, given ?? {}, ''), call)
    },
  }
}

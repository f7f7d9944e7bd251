export { cassette } from './cassette/cassette.ts';
export type { Cassette, CassetteOptions } from './cassette/cassette.ts';
export type { FromSessionOptions } from './cassette/from-session.ts';
export type { CassetteMatch } from './cassette/canonical.ts';
export type { CassetteMode } from './cassette/mode.ts';
export { modelSuite } from './model-suite.ts';
export type { Check, ModelMaker, ModelUnderTest } from './model-suite.ts';
export { scriptedModel } from './scripted-model.ts';
export type { ModelScript, ScriptedAnswer, ScriptedModel } from './scripted-model.ts';
export { memorySessions } from './memory-sessions.ts';
export { sessionStoreSuite } from './session-store-suite.ts';
export type { StoreCheck, StoreMaker, StoreUnderTest } from './session-store-suite.ts';
export { toolkitSuite } from './toolkit-suite.ts';
export type {
  CallTool,
  ToolCases,
  ToolInput,
  ToolkitCases,
  ToolkitCheck,
  ToolkitUnderTest,
} from './toolkit-cases.ts';

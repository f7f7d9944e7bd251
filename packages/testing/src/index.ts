export { modelSuite } from './model-suite.ts';
export type { Check, ModelMaker, ModelUnderTest } from './model-suite.ts';
export { scriptedModel } from './scripted-model.ts';
export type { ModelScript, ScriptedAnswer, ScriptedModel } from './scripted-model.ts';

export { plan } from './plan.ts';
export { lastPlan, planOf } from './read-plan.ts';
export type { PlanItem, PlanTold } from './update-plan.ts';
export { questionsOf } from './questions.ts';
export type { Question } from './questions.ts';
export { answerTo } from './answer.ts';
export type { Answer } from './answer.ts';

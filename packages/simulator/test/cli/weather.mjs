// weather.mjs: asks for the weather once, then says what it was told.
export default ({ messages, tools = [] }) => {
  const last = messages.at(-1);
  if (last.role === 'tool') return { text: `The tool says: ${last.content}` };
  const tool = tools.find(({ function: { name } }) => name === 'get_weather');
  if (!tool) return { text: 'I have no tool for the weather.' };
  const call = { name: tool.function.name, arguments: { city: 'Paris' } };
  return { reasoning: 'I need the weather.', calls: [call] };
};

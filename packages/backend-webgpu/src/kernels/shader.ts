import type { Program } from './dispatcher';
import { workgroupSum } from './workgroupSum';

/**
 * The program's WGSL, declarations included.
 * @param subgroups whether the device adds up over subgroups, and tells them apart
 */
export function shaderOf(program: Program, subgroups: boolean): string {
  const { inputs, outputs, uniforms = {}, workgroup, sums, code } = program;
  const storage = [
    ...Object.entries(inputs).map(([name, type]) => `var<storage, read> ${name}: array<${type}>;`),
    ...Object.entries(outputs).map(([name, type]) => `var<storage, read_write> ${name}: array<${type}>;`),
    'var<uniform> u: Uniforms;',
  ].map((declaration, binding) => `@group(0) @binding(${binding}) ${declaration}`);
  const fields = Object.entries({ firstGroup: 'u32', groups: 'u32', ...uniforms }).map(
    ([name, type]) => `${name}: ${type}`,
  );
  const { directives, declarations, parameters, statements } = sums && subgroups ? numbered : unnumbered;
  return `${directives}
struct Uniforms { ${fields.join(', ')} }
${storage.join('\n')}
${declarations}
${sums ? workgroupSum(sums, workgroup, subgroups) : ''}
@compute @workgroup_size(${workgroup})
fn start(
  @builtin(workgroup_id) group: vec3<u32>,
  @builtin(num_workgroups) groups: vec3<u32>,
  @builtin(local_invocation_index) thread: u32,
  ${parameters}
) {
  ${statements}
  let index = group.x + group.y * groups.x;
  if (index >= u.groups) { return; }
  main(u.firstGroup + index, thread);
}
${code}`;
}

/** What a shader needs to know the number of its subgroup, and how many its workgroup has. */
const numbered = {
  directives: 'enable subgroups;\nrequires subgroup_id;',
  declarations: 'var<private> subgroup: u32;\nvar<private> subgroups: u32;',
  parameters: '@builtin(subgroup_id) subgroupId: u32,\n  @builtin(num_subgroups) numSubgroups: u32,',
  statements: 'subgroup = subgroupId;\n  subgroups = numSubgroups;',
};
const unnumbered = { directives: '', declarations: '', parameters: '', statements: '' };

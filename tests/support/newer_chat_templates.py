"""Styles of chat templates from 2025 on: typed arguments in macros, sorted objects, thoughts, budgets."""

from __future__ import annotations

TAGGED = """{%- macro escaped(value) -%}{{- value|string|replace('&', '&amp;')|replace('"', '&quot;') -}}{%- endmacro -%}
{%- macro tag(name, pairs=[]) -%}{{- '<' + name -}}{%- for pair in pairs -%}{{- ' ' + pair[0] + '="' -}}{{- escaped(pair[1]) -}}{{- '"' -}}{%- endfor -%}{{- '>' -}}{%- endmacro -%}
{%- macro sorted_json(value) -%}
{%- if value is mapping -%}{{- '{' -}}{%- for key, item in value|dictsort -%}{%- if not loop.first -%}{{- ',' -}}{%- endif -%}{{- key|tojson(ensure_ascii=false) -}}:{{- sorted_json(item) -}}{%- endfor -%}{{- '}' -}}
{%- elif value is string or value is number or value is boolean or value is none -%}{{- value|tojson -}}
{%- else -%}{{- '[' -}}{%- for item in value -%}{%- if not loop.first -%}{{- ',' -}}{%- endif -%}{{- sorted_json(item) -}}{%- endfor -%}{{- ']' -}}{%- endif -%}
{%- endmacro -%}
{%- if thinking is undefined -%}{%- set thinking = true -%}{%- endif -%}
{%- set state = namespace(calls=none, index=0, seen=[]) -%}
{%- if tools -%}{{- tag('message', [('role', 'system'), ('type', 'tools')]) -}}{{- sorted_json(tools) -}}{%- endif -%}
{%- for message in messages -%}
    {%- set attributes = [('role', message.role)] -%}
    {%- if message.get('name') -%}{%- set attributes = attributes + [('name', message.name)] -%}{%- endif -%}
    {{- tag('message', attributes) -}}
    {%- if message.role == 'assistant' -%}
        {%- set state.calls = message.get('tool_calls') -%}
        {%- if thinking -%}{{- tag('think') -}}{{- message.get('reasoning_content') or message.get('reasoning') or '' -}}{%- endif -%}
        {%- for call in state.calls or [] -%}
            {%- set fn = call.function if call.function is defined and call.function is mapping else call -%}
            {%- for key, value in fn.get('arguments', {}).items() -%}{{- tag('argument', [('key', key), ('index', loop.index)]) -}}{{- value if value is string else value|tojson -}}{%- endfor -%}
        {%- endfor -%}
    {%- elif message.role == 'tool' and (loop.first or messages[loop.index0 - 1].role != 'tool') -%}
        {%- for candidate in messages[loop.index0:] -%}
            {%- if candidate is not mapping or candidate.role != 'tool' -%}{%- break -%}{%- endif -%}
            {%- if candidate.content in state.seen -%}{%- continue -%}{%- endif -%}
            {%- set state.seen = state.seen + [candidate.content] -%}{%- set state.index = state.index + 1 -%}
            {{- candidate.get('tool_call_id', candidate.get('id', state.index)) -}}
        {%- endfor -%}
    {%- endif -%}
    {{- message.content|default('', true) -}}
{%- endfor -%}
{%- if add_generation_prompt -%}{{- tag('message', [('role', 'assistant')]) -}}{{- tag('think' if thinking else 'response') -}}{%- endif -%}"""

DECLARED = """{%- macro argument(value, quoted=True) -%}
    {%- if value is string -%}{{- '<q>' + value + '<q>' -}}
    {%- elif value is boolean -%}{{- 'true' if value else 'false' -}}
    {%- elif value is mapping -%}{{- '{' -}}{%- set ns = namespace(first=true) -%}{%- for key, inner in value | dictsort -%}{%- if not ns.first %},{% endif -%}{%- set ns.first = false -%}{{- ('<q>' + key + '<q>') if quoted else key -}}:{{- argument(inner, quoted=quoted) -}}{%- endfor -%}{{- '}' -}}
    {%- elif value is sequence -%}[{%- for item in value -%}{{- argument(item, quoted=quoted) -}}{{- ',' if not loop.last -}}{%- endfor -%}]
    {%- else -%}{{- value -}}{%- endif -%}
{%- endmacro -%}
{%- macro without_thoughts(text) -%}
    {%- set ns = namespace(result='') -%}
    {%- for part in text.split('</think>') -%}{%- set ns.result = ns.result + (part.split('<think>')[0] if '<think>' in part else part) -%}{%- endfor -%}
    {{- ns.result | trim -}}
{%- endmacro -%}
{{ bos_token }}
{%- set loop_messages = messages -%}
{%- if (enable_thinking is defined and enable_thinking) or tools or messages[0]['role'] in ['system', 'developer'] -%}
    {{- '<|turn>system\\n' -}}
    {%- if messages[0]['role'] in ['system', 'developer'] -%}{{- messages[0]['content'] | trim -}}{%- set loop_messages = messages[1:] -%}{%- endif -%}
    {%- for tool in tools or [] %}{{- 'declaration:' + tool['function']['name'] + argument(tool['function']['parameters'], quoted=False) | trim -}}{% endfor -%}
    {{- (tools or []) | map(attribute='type') | map('upper') | list | join('+') -}}
    {{- '<turn|>\\n' -}}
{%- endif %}
{%- for message in loop_messages -%}
    {%- set role = 'model' if message['role'] == 'assistant' else message['role'] -%}
    {{- '<|turn>' + role + '\\n' -}}
    {%- for call in message['tool_calls'] or [] -%}{{- 'call:' + call['function']['name'] + argument(call['function']['arguments'], quoted=False) -}}{%- endfor -%}
    {{- without_thoughts(message['content']) if role == 'model' else message['content'] | trim -}}
    {{- '<turn|>\\n' -}}
{%- endfor -%}
{%- if add_generation_prompt -%}{{- '<|turn>model\\n' -}}{%- if not enable_thinking | default(false) -%}{{- '<thought><thought|>' -}}{%- endif -%}{%- endif -%}"""

BUDGETED = """{%- set bos = '<b>' -%}{%- set eos = '<e>' -%}
{%- if not thinking_budget is defined %}{%- set thinking_budget = -1 -%}{%- endif -%}
{%- set steps = {0: 0, 512: 128, 4096: 512} -%}
{%- set ns = namespace(interval = None) -%}
{%- for limit, step in steps | dictsort -%}{%- if ns.interval is none and thinking_budget <= limit -%}{%- set ns.interval = step -%}{%- endif -%}{%- endfor -%}
{%- if messages[0]["role"] == "system" %}{%- set system_message = messages[0]["content"] %}{%- set loop_messages = messages[1:] %}{%- else %}{%- set loop_messages = messages %}{%- endif %}
{%- if not tools is defined or tools is none %}{%- set tools = [] %}{%- endif %}
{%- for item in tools if item.type == "function" %}
def {{ item.function.name }}({%- for name, spec in item.function.parameters.properties.items() %}{{- name }}: {{ spec.type }}{% if not loop.last %}, {% endif %}{%- endfor %}):
    {{ item.function.description | trim }}
    {%- if item.function.returns is defined and item.function.returns.properties is defined %}returns{%- endif %}
{%- endfor %}
{%- if thinking_budget == 0 %}{{ bos + "none" + eos }}{%- elif not thinking_budget == -1 %}{{ "every " }}{{ ns.interval }}{%- endif %}
{%- for message in loop_messages %}
{%- if message.role == "assistant" and message.tool_calls is defined and message.tool_calls is iterable and message.tool_calls | length > 0 %}
{%- for call in message.tool_calls %}{%- if call.function is defined %}{% set call = call.function %}{% endif %}{%- for name, value in call.arguments | items %}{{ "<parameter=" + name + ">" }}{%- set value = value if value is string else value | string %}{{ value }}{%- endfor %}{%- endfor %}
{%- else %}{{ bos + message.role + "\\n" + (message.content | default('', true)).replace('/think', '').strip() + eos }}{%- endif %}
{%- if message.reasoning_content is defined and message.reasoning_content is string and message.reasoning_content | trim | length > 0 %}{{ "\\n<t>" + message.reasoning_content | trim }}{%- endif %}
{%- endfor %}
{%- if system_message is defined %}{{ system_message[-5:] | reverse }}{%- endif %}
{%- macro wrap() %}[{{ caller('in') }}]{% endmacro %}
{%- filter upper %}{% call(x) wrap() %}{{ x }}{% endcall %}{% endfilter %}
{%- if add_generation_prompt %}{{ bos + "assistant\\n" }}{%- endif %}"""

NEWER_TEMPLATES: dict[str, str] = {"tagged": TAGGED, "declared": DECLARED, "budgeted": BUDGETED}

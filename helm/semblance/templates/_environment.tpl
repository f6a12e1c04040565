{{/*
  Values become the environment of a process here, and nowhere else: settings by their own names, those of the part before
  those of all, and what the chart knows before both. test/chart reads the result with the program's own schemas.
*/}}
{{- define "semblance.env" -}}
{{- $all := .root.Values -}}
{{- $env := merge (dict) (.values.settings | default dict) ($all.settings | default dict) -}}
{{- $files := include "semblance.secretFiles" . | fromYaml -}}
{{- range $variable, $secret := $files -}}
{{- $_ := set $env $variable (printf "/run/secrets/semblance/%s" $variable) -}}
{{- end -}}
{{- $_ := set $env "SEMBLANCE_QDRANT_URL" $all.stores.qdrant.urls -}}
{{- $_ := set $env "SEMBLANCE_DRAIN_MS" (printf "%vs" $all.drainSeconds) -}}
{{- if eq .part "gateway" -}}
{{- $_ := set $env "SEMBLANCE_HOST" $all.listenAddress -}}
{{- $_ := set $env "SEMBLANCE_PORT" 41101 -}}
{{- $_ := set $env "SEMBLANCE_STOP_DELAY_MS" (printf "%vs" .values.stopDelaySeconds) -}}
{{- end -}}
{{- if hasKey .values "autoscaling" -}}
{{- $_ := set $env "SEMBLANCE_OPS_HOST" $all.listenAddress -}}
{{- $_ := set $env "SEMBLANCE_OPS_PORT" 9090 -}}
{{- end -}}
{{- if hasKey .values "lanes" -}}
{{- $_ := set $env "SEMBLANCE_WORKER_LANES" .values.lanes -}}
{{- $threads := include "semblance.threads" . -}}
{{- if and $threads (not (hasKey $env "SEMBLANCE_THREADS")) -}}
{{- $_ := set $env "SEMBLANCE_THREADS" $threads -}}
{{- end -}}
{{- end -}}
{{- if and $all.tracing.endpoint (hasKey .values "autoscaling") -}}
{{- $_ := set $env "OTEL_EXPORTER_OTLP_ENDPOINT" $all.tracing.endpoint -}}
{{- if lt (float64 $all.tracing.share) 1.0 -}}
{{- $_ := set $env "OTEL_TRACES_SAMPLER" "parentbased_traceidratio" -}}
{{- $_ := set $env "OTEL_TRACES_SAMPLER_ARG" $all.tracing.share -}}
{{- end -}}
{{- end -}}
{{- with $all.stores.trustedCertificates.configMap -}}
{{- $_ := set $env "NODE_EXTRA_CA_CERTS" "/etc/semblance/certificates/ca.crt" -}}
{{- end -}}
{{- range $name := keys $env | sortAlpha }}
- name: {{ $name }}
  value: {{ include "semblance.text" (get $env $name) | quote }}
{{- end }}
{{- with .values.env }}
{{ toYaml . }}
{{- end }}
{{- end }}

{{/* Helm reads whole numbers as fractions, and would write large ones as 2.56e+08. */}}
{{- define "semblance.text" -}}
{{- if kindIs "slice" . -}}{{ join "," . }}
{{- else if and (kindIs "float64" .) (eq (floor .) .) -}}{{ int64 . }}
{{- else -}}{{ . }}{{- end -}}
{{- end }}

{{/* By its variable: the Secret and key whose content the process reads from a file of that name. */}}
{{- define "semblance.secretFiles" -}}
{{- $all := .root.Values -}}
{{- $files := dict
  "SEMBLANCE_REDIS_URL_FILE" $all.stores.redis.urlSecret
  "SEMBLANCE_MONGO_URL_FILE" $all.stores.mongodb.urlSecret
  "SEMBLANCE_QDRANT_API_KEY_FILE" $all.stores.qdrant.apiKeySecret
  "AWS_SHARED_CREDENTIALS_FILE" $all.stores.s3.credentialsSecret
-}}
{{- if eq .part "gateway" -}}
{{- $_ := set $files "SEMBLANCE_API_KEYS_FILE" $all.api.keysSecret -}}
{{- $_ := set $files "SEMBLANCE_DESCRIPTOR_KEYS_FILE" $all.api.descriptorKeysSecret -}}
{{- end -}}
{{- range $variable := keys $files | sortAlpha }}
{{- with get $files $variable }}
{{- if .name }}
{{ $variable }}: {name: {{ .name }}, key: {{ .key }}}
{{- end }}
{{- end }}
{{- end }}
{{- end }}

{{/* Threads of a worker: its limit of CPUs, or else its request, rounded up. Empty if neither is set: the program counts. */}}
{{- define "semblance.threads" -}}
{{- $resources := .values.resources | default dict -}}
{{- $cpu := ($resources.limits | default dict).cpu | default ($resources.requests | default dict).cpu -}}
{{- with $cpu | toString -}}
{{- if hasSuffix "m" . -}}
{{- max 1 (ceil (divf (trimSuffix "m" . | float64) 1000)) -}}
{{- else if $cpu -}}
{{- max 1 (ceil (float64 .)) -}}
{{- end -}}
{{- end -}}
{{- end }}

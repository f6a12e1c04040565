{{- define "semblance.fullname" -}}
{{- .Values.fullnameOverride | default .Release.Name | trunc 40 | trimSuffix "-" -}}
{{- end }}

{{/* Labels by which pods of a part are chosen. They stay the same for the life of a release. */}}
{{- define "semblance.selector" -}}
app.kubernetes.io/name: semblance
app.kubernetes.io/instance: {{ .root.Release.Name }}
{{- with .part }}
app.kubernetes.io/component: {{ . }}
{{- end }}
{{- end }}

{{- define "semblance.labels" -}}
{{ include "semblance.selector" . }}
app.kubernetes.io/version: {{ .root.Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .root.Release.Service }}
helm.sh/chart: {{ printf "%s-%s" .root.Chart.Name .root.Chart.Version }}
{{- end }}

{{- define "semblance.partName" -}}
{{ include "semblance.fullname" .root }}-{{ .part }}
{{- end }}

{{- define "semblance.metadata" -}}
name: {{ include "semblance.partName" . }}
namespace: {{ .root.Release.Namespace }}
labels:
  {{- include "semblance.labels" . | nindent 2 }}
{{- end }}

{{/* Fields of `image` of a part, with what holds for all images. */}}
{{- define "semblance.image" -}}
{{- $all := .root.Values.image -}}
{{- with $all.registry }}{{ . }}/{{ end }}{{ .image.repository }}
{{- if .image.digest }}@{{ .image.digest }}{{ else }}:{{ .image.tag | default $all.tag | default .root.Chart.AppVersion }}{{ end }}
{{- end }}

{{- define "semblance.isAutoscaled" -}}
{{- if or .values.autoscaling.hpa.enabled .values.autoscaling.keda.enabled }}yes{{ end -}}
{{- end }}

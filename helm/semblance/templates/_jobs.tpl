{{/* `hook`: when it runs. Objects that a Job needs come before it, by their weight. */}}
{{- define "semblance.hook" -}}
helm.sh/hook: {{ .hook }}
helm.sh/hook-weight: {{ .weight | default 0 | quote }}
helm.sh/hook-delete-policy: before-hook-creation,hook-succeeded
{{- end }}

{{/* A pod that runs `semblance`, with `args`, in the image that has it. */}}
{{- define "semblance.commandPod" -}}
restartPolicy: Never
serviceAccountName: {{ include "semblance.partName" (dict "root" .root "part" (.account | default .part)) }}
{{ include "semblance.podSettings" . | trim }}
containers:
  - name: command
    image: {{ include "semblance.image" (dict "root" .root "image" .values.image) }}
    imagePullPolicy: {{ .root.Values.image.pullPolicy }}
    args: {{ prepend .args "cli" | toJson }}
    env:
      {{- include "semblance.env" . | trim | nindent 6 }}
    {{- with .values.resources }}
    resources:
      {{- toYaml . | nindent 6 }}
    {{- end }}
    securityContext:
      {{- include "semblance.containerSecurity" . | nindent 6 }}
    volumeMounts:
      {{- include "semblance.volumeMounts" . | trim | nindent 6 }}
volumes:
  {{- include "semblance.volumes" . | trim | nindent 2 }}
{{- end }}

{{- define "brandpulse.fullname" -}}
{{- if contains .Chart.Name .Release.Name }}{{ .Release.Name | trunc 50 | trimSuffix "-" }}{{ else }}{{ printf "%s-%s" .Release.Name .Chart.Name | trunc 50 | trimSuffix "-" }}{{ end }}
{{- end }}

{{- /* Of one role: dict "root" $ "role" "score" */}}
{{- define "brandpulse.selector" -}}
app.kubernetes.io/name: {{ .root.Chart.Name }}
app.kubernetes.io/instance: {{ .root.Release.Name }}
app.kubernetes.io/component: {{ .role }}
{{- end }}

{{- define "brandpulse.labels" -}}
{{ include "brandpulse.selector" . }}
app.kubernetes.io/version: {{ .root.Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .root.Release.Service }}
helm.sh/chart: {{ printf "%s-%s" .root.Chart.Name .root.Chart.Version }}
{{- end }}

{{- define "brandpulse.metadata" -}}
name: {{ include "brandpulse.fullname" .root }}-{{ .role }}
labels: {{- include "brandpulse.labels" . | nindent 2 }}
{{- end }}

{{- define "brandpulse.image" -}}
{{- $image := .root.Values.image }}
{{- $gpu := and (eq .role "score") .root.Values.score.gpu.enabled }}
{{- with ternary .root.Values.score.gpu.digest $image.digest $gpu }}
{{- $image.repository }}@{{ . }}
{{- else }}
{{- $image.repository }}:{{ $image.tag | default .root.Chart.AppVersion }}{{ if $gpu }}-gpu{{ end }}
{{- end }}
{{- end }}

{{- /* Roles that run, as JSON of a list. */}}
{{- define "brandpulse.roles" -}}
{{- $roles := list "score" "brands" "history" "web" }}
{{- if .Values.notify.enabled }}{{ $roles = append $roles "notify" }}{{ end }}
{{- toJson $roles }}
{{- end }}

{{- /* Most replicas of score: no more than partitions. */}}
{{- define "brandpulse.maxReplicas" -}}
{{- min .Values.autoscaling.maxReplicas .Values.topics.partitions }}
{{- end }}

{{- /* What the schema cannot say: two values that do not go together. */}}
{{- define "brandpulse.check" -}}
{{- $values := .Values }}
{{- range $role := list "score" "brands" "history" }}
{{- $replicas := (index $values $role).replicas }}
{{- if gt (int $replicas) (int $values.topics.partitions) }}
{{- fail (printf "%s.replicas: %d is more than topics.partitions (%d); a worker without partitions is never ready" $role (int $replicas) (int $values.topics.partitions)) }}
{{- end }}
{{- end }}
{{- if gt (int .Values.autoscaling.minReplicas) (int (include "brandpulse.maxReplicas" .)) }}
{{- fail "autoscaling.minReplicas: more than autoscaling.maxReplicas or topics.partitions" }}
{{- end }}
{{- $sasl := hasPrefix "SASL" .Values.kafka.securityProtocol }}
{{- if and $sasl (not (and .Values.kafka.sasl.mechanism .Values.kafka.sasl.existingSecret)) }}
{{- fail (printf "kafka.sasl: securityProtocol %s needs mechanism and existingSecret" .Values.kafka.securityProtocol) }}
{{- end }}
{{- if and .Values.kafka.sasl.mechanism (not $sasl) }}
{{- fail "kafka.sasl.mechanism: set kafka.securityProtocol to SASL_SSL or SASL_PLAINTEXT as well" }}
{{- end }}
{{- if and .Values.kafka.tls.existingSecret (not (hasSuffix "SSL" .Values.kafka.securityProtocol)) }}
{{- fail "kafka.tls.existingSecret: set kafka.securityProtocol to SSL or SASL_SSL as well" }}
{{- end }}
{{- if ne (empty .Values.kafka.tls.certificateKey) (empty .Values.kafka.tls.privateKeyKey) }}
{{- fail "kafka.tls: certificateKey and privateKeyKey go together" }}
{{- end }}
{{- if and .Values.kafka.tls.certificateKey (not .Values.kafka.tls.existingSecret) }}
{{- fail "kafka.tls.existingSecret: which secret holds certificateKey and privateKeyKey?" }}
{{- end }}
{{- if and (eq .Values.kafka.sasl.mechanism "OAUTHBEARER") (eq .Values.autoscaling.by "lag") }}
{{- fail "autoscaling.by: with kafka.sasl.mechanism OAUTHBEARER only cpu or none" }}
{{- end }}
{{- if and .Values.notify.enabled (not .Values.webhook.existingSecret) }}
{{- fail "webhook.existingSecret: notify needs the secret that holds the webhook's URL" }}
{{- end }}
{{- end }}
